using System.Collections.Immutable;
using Strata.Oci;

namespace Strata.Build;

/// <summary>What to build and how.</summary>
public sealed record BuildRequest
{
    public required DockerfileSource Dockerfile { get; init; }

    /// <summary>The folder COPY reads from; null for a build without one.</summary>
    public string? ContextDirectory { get; init; }

    /// <summary>A stage's name or index; null for the last one.</summary>
    public string? Target { get; init; }

    public ImmutableDictionary<string, string> BuildArgs { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Folders, or <c>docker-image://</c> references, that stand in for a stage or image of that name.</summary>
    public ImmutableDictionary<string, string> NamedContexts { get; init; } = ImmutableDictionary<string, string>.Empty;

    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Only this machine's platform can be built for.</summary>
    public Platform Platform { get; init; } = Platform.Local;

    /// <summary>Does every step again; what comes out is still kept for later builds.</summary>
    public bool NoCache { get; init; }

    /// <summary>For every RUN without a <c>--network</c> of its own.</summary>
    public StepNetwork Network { get; init; }

    public ImmutableArray<string> ExtraHosts { get; init; } = [];

    /// <summary>
    /// No time in the image may be later than the creation of its base (1970 for a stage from scratch), or than
    /// <see cref="SourceDateEpoch"/> where it's given.
    /// </summary>
    public bool Reproducible { get; init; }

    /// <summary>Seconds since 1970 that no time in the image may exceed; the build argument SOURCE_DATE_EPOCH says the same.</summary>
    public long? SourceDateEpoch { get; init; }
}

/// <summary>A Dockerfile, and where it came from.</summary>
/// <param name="Name">As messages name it.</param>
/// <param name="Path">Where it is; its ignore file is looked for beside it. Null when it came another way (standard input).</param>
public sealed record DockerfileSource(string Name, ReadOnlyMemory<byte> Content, string? Path);
