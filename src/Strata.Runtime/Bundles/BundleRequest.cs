using Strata.Linux;

namespace Strata.Runtime.Bundles;

/// <summary>All that the process inside needs to make a bundle of directories.</summary>
internal sealed record BundleRequest
{
    public required OciRuntime Runtime { get; init; }

    /// <summary>Names the container to the runtime, see <see cref="ControlGroups.NewName"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Snapshots, lowest first; none: an empty root.</summary>
    public required IReadOnlyList<string> Snapshots { get; init; }

    public required string Upper { get; init; }
    public required string Work { get; init; }

    /// <summary>An existing directory; what is mounted there is seen by this process and what it starts only.</summary>
    public required string MountPoint { get; init; }

    public OverlayFlavor Flavor { get; init; }

    /// <summary>The upper directory need not outlive a crash of the machine: what becomes of it is written elsewhere.</summary>
    public bool IsVolatile { get; init; }
    public required ContainerSpec Container { get; init; }
}
