using System.Collections.Immutable;

namespace Strata.Dockerfile;

internal static class Keywords
{
    public static ImmutableArray<string> All { get; } =
    [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ];

    public static bool TakesHeredocs(string keyword) => keyword.ToUpperInvariant() is "ADD" or "COPY" or "RUN";
}
