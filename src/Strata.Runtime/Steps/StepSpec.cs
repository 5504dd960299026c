using Strata.Linux;

namespace Strata.Runtime;

/// <summary>One RUN of a build: directories and what to run over them.</summary>
public sealed record StepSpec
{
    /// <summary>Snapshots, lowest first; none for FROM scratch.</summary>
    public required IReadOnlyList<string> Snapshots { get; init; }

    /// <summary>
    /// An empty directory that takes the changes; it gets the mode, owner and time of the root below. Afterwards no mount
    /// point made for the step is left in it.
    /// </summary>
    public required string Upper { get; init; }

    /// <summary>An empty directory beside <see cref="Upper"/>, on the same file system.</summary>
    public required string Work { get; init; }

    /// <summary>An empty directory to mount on. Nothing of the mounts is seen outside the step, and the directory stays empty.</summary>
    public required string MountPoint { get; init; }

    public OverlayFlavor Flavor { get; init; }
    public required ContainerSpec Container { get; init; }
}
