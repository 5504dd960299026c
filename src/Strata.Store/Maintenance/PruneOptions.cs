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

    /// <summary>Tars of layers that are kept compressed as well.</summary>
    public bool RedundantTars { get; init; }

    /// <summary>Snapshots that no container needs.</summary>
    public bool Snapshots { get; init; }

    /// <summary>Only images added, steps and snapshots last used, longer ago. Zero: whenever that was.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan OlderThan
    {
        get;
        init => field = value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "What to prune can't be younger than now: the time since its last use must be zero or more.");
    }

    /// <summary>
    /// Named images, build steps, snapshots and redundant tars go only, the one used longest ago first, while blobs and snapshots take more than this many bytes. Null: all go.
    /// </summary>
    public long? KeepBytes { get; init; }

    /// <summary>Say what would go, and remove nothing.</summary>
    public bool DryRun { get; init; }
}
