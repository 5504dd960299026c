using Strata.Oci;

namespace Strata.Content.Media;

public sealed record CopyOptions
{
    /// <summary>Of an index, copy this platform's image alone; null copies the index and all it lists.</summary>
    public Platform? Platform { get; init; }

    /// <summary>What the target calls the copy; null leaves it to its digest.</summary>
    public Tag? Tag { get; init; }

    /// <summary>What an index lists and the source does not have is left out, as long as the source has anything of it.</summary>
    public bool Sparse { get; init; }

    /// <summary>What is attached to the image, and to that, is copied too; the source must be able to tell.</summary>
    public bool Referrers { get; init; }

    /// <summary>How many blobs move at once.</summary>
    public int Parallelism { get; init; } = 4;
}
