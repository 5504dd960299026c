using Strata.Linux;

namespace Strata.Runtime;

/// <summary>A container to be: kept in its directory as container.json, which also says how it is to be stopped.</summary>
public sealed record ContainerRequest
{
    /// <summary>Snapshots, lowest first.</summary>
    public required IReadOnlyList<string> Snapshots { get; init; }

    public OverlayFlavor Flavor { get; init; }
    public required ContainerSpec Container { get; init; }

    /// <summary>What asks it to stop: the image's STOPSIGNAL, else SIGTERM.</summary>
    public int StopSignal { get; init; } = SignalNumber.SIGTERM;

    /// <summary>-i: standard input goes inside. Else it is empty, or in a terminal silent.</summary>
    public bool Interactive { get; init; }

    /// <summary>It is removed as soon as it has ended: nothing of it need outlive a crash of the machine.</summary>
    public bool Ephemeral { get; init; }
}
