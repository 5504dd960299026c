using Strata.Oci;

namespace Strata.Content.Media;

public sealed record CopyOptions
{
    /// <summary>Of an index, copy this platform's image alone; null copies the index and all it lists.</summary>
    public Platform? Platform { get; init; }

    /// <summary>What the target calls the copy; null leaves it to its digest.</summary>
    public Tag? Tag { get; init; }

    /// <summary>How many blobs move at once.</summary>
    public int Parallelism { get; init; } = 4;
}
