using Strata.Oci;

namespace Strata.Store;

/// <summary>What the store takes on the disk. A layer that several images share is counted once.</summary>
public sealed record DiskUsage(UsageRow Images, UsageRow Containers, UsageRow BuildCache, UsageRow Snapshots)
{
    /// <summary>All blobs, in bytes.</summary>
    public required long Blobs { get; init; }

    /// <summary>What each container has written, its log and its notes, in bytes, by id.</summary>
    public required IReadOnlyDictionary<string, long> ContainerSizes { get; init; }
}

/// <param name="Count">How many there are.</param>
/// <param name="Active">How many are in use.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Reclaimable">What pruning them would free, in bytes.</param>
public sealed record UsageRow(long Count, long Active, long Size, long Reclaimable);

/// <summary>What one image takes on the disk.</summary>
/// <param name="Shared">Of layers that other images have too, in bytes.</param>
/// <param name="Unique">Of layers that only this image has, in bytes.</param>
public sealed record ImageUsage(ImageSummary Image, long Shared, long Unique);

/// <summary>What one result of the build cache takes on the disk.</summary>
/// <param name="Bytes">Of its layers, in bytes.</param>
/// <param name="Shared">An image has its layers too.</param>
public sealed record BuildStepUsage(Digest Key, string Description, long Bytes, DateTimeOffset Created, DateTimeOffset LastUsed, bool Shared);
