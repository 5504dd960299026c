namespace Strata.Store;

/// <summary>What the store takes on the disk. A layer that several images share is counted once.</summary>
public sealed record DiskUsage(UsageRow Images, UsageRow Containers, UsageRow BuildCache, UsageRow Snapshots)
{
    /// <summary>All blobs, in bytes.</summary>
    public required long Blobs { get; init; }
}

/// <param name="Count">How many there are.</param>
/// <param name="Active">How many are in use.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Reclaimable">What pruning them would free, in bytes.</param>
public sealed record UsageRow(long Count, long Active, long Size, long Reclaimable);
