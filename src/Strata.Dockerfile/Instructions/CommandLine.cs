using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>A command as RUN, CMD, ENTRYPOINT and HEALTHCHECK take it.</summary>
public abstract record CommandLine
{
    private CommandLine()
    {
    }

    /// <summary>One text for the shell, never expanded by the builder.</summary>
    public sealed record Shell(string Text) : CommandLine;

    /// <summary>A program and its arguments, run without a shell.</summary>
    public sealed record Exec(ImmutableArray<string> Arguments) : CommandLine;
}
