using Strata.Oci;

namespace Strata.Host.Images;

/// <summary>What one layer does to the tree below it.</summary>
public sealed record LayerReport
{
    /// <summary>From the lowest, which is 0.</summary>
    public required int Number { get; init; }

    public required Digest Layer { get; init; }

    public required ImageStep Step { get; init; }

    /// <summary>Of the uncompressed tar; null where the layer's content is not in the store, and then nothing below is known either.</summary>
    public long? TarSize { get; init; }

    /// <summary>Entries of its tar, directories and deletions among them.</summary>
    public int Entries { get; init; }

    /// <summary>Bytes in its files, a hard link's counted once.</summary>
    public long FileBytes { get; init; }

    /// <summary>Files (directories are not counted) where there was none.</summary>
    public int Added { get; init; }

    /// <summary>Files in the place of others.</summary>
    public int Changed { get; init; }

    /// <summary>Files that it hides without putting one in their place.</summary>
    public int Deleted { get; init; }

    /// <summary>Bytes of its own files that layers above hide: they are carried along and nobody sees them.</summary>
    public long WastedBytes { get; init; }

    /// <summary>Bytes of files of lower layers that it hides.</summary>
    public long HiddenBytes { get; init; }

    /// <summary>Other images of the store that have this layer.</summary>
    public IReadOnlyList<string> SharedWith { get; init; } = [];

    public IReadOnlyList<LayerChange> Changes { get; init; } = [];
}

public enum ChangeKind
{
    Added,
    Changed,
    Deleted,
}

/// <param name="Size">Of a file, in bytes; of a deletion what it hides.</param>
public sealed record LayerChange(ChangeKind Kind, ImagePath Path, long Size, bool IsDirectory);

/// <summary>A file of an image and the layer it lies in.</summary>
/// <param name="HiddenBy">The number of the layer that hides it; null: a container sees it.</param>
public sealed record LayerFile(ImagePath Path, long Size, int Layer, int? HiddenBy);
