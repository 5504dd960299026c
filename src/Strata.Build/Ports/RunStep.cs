using System.Collections.Immutable;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

public enum StepNetwork
{
    Default,
    None,
    Host,
}

/// <summary>Everything that a RUN needs to run.</summary>
public sealed record RunStep
{
    /// <summary>Diff ids, lowest first; empty for a stage that is still empty.</summary>
    public required ImmutableArray<Digest> Layers { get; init; }

    public required ImmutableArray<string> Arguments { get; init; }

    /// <summary><c>NAME=value</c>, each name once.</summary>
    public required ImmutableArray<string> Environment { get; init; }

    /// <summary>Absolute.</summary>
    public required string WorkingDirectory { get; init; }

    public required StepUser User { get; init; }
    public required StepNetwork Network { get; init; }
    public required string HostName { get; init; }

    /// <summary><c>name:address</c>, for the hosts file.</summary>
    public ImmutableArray<string> ExtraHosts { get; init; } = [];

    /// <summary>Files mounted read-only for the time of the step, owned by root; never part of the layer.</summary>
    public ImmutableArray<StepFile> Files { get; init; } = [];

    /// <summary>The latest time an entry of the layer may carry; null leaves times as they were written.</summary>
    public FileTime? ClampModified { get; init; }
}

/// <summary>The user as USER names it (empty means root), with the files that give the names their numbers.</summary>
/// <param name="Passwd">The stage's /etc/passwd, empty when there's none.</param>
/// <param name="Group">The stage's /etc/group, empty when there's none.</param>
public sealed record StepUser(string Name, ReadOnlyMemory<byte> Passwd, ReadOnlyMemory<byte> Group);

/// <param name="Path">Absolute, inside the step.</param>
public sealed record StepFile(string Path, uint Mode, ReadOnlyMemory<byte> Content);
