namespace Strata.Store;

/// <summary>What to prune. Content that nothing uses any more goes in any case.</summary>
public sealed record PruneOptions
{
    /// <summary>Images without a name and without a container.</summary>
    public bool DanglingImages { get; init; } = true;

    /// <summary>All images without a container, whatever their names.</summary>
    public bool UnusedImages { get; init; }

    /// <summary>Results of build steps.</summary>
    public bool BuildCache { get; init; }

    /// <summary>Snapshots that no container needs.</summary>
    public bool Snapshots { get; init; }

    /// <summary>Only images added, steps and snapshots last used, longer ago.</summary>
    public TimeSpan OlderThan { get; init; }

    /// <summary>Say what would go, and remove nothing.</summary>
    public bool DryRun { get; init; }
}
