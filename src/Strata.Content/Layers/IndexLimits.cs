namespace Strata.Content.Layers;

/// <summary>What a layer of unknown origin may cost before it is refused.</summary>
public sealed record IndexLimits
{
    public static IndexLimits Default { get; } = new();

    public int Entries { get; init; } = 5_000_000;

    /// <summary>Bytes of a path and of a link's target (PATH_MAX without its NUL); one name of a path may have 255 (NAME_MAX).</summary>
    public int PathLength { get; init; } = 4095;

    /// <summary>Bytes of the PAX records or the GNU long name that belong to one entry.</summary>
    public int HeaderSize { get; init; } = 1024 * 1024;

    /// <summary>
    /// Bytes of memory that an index takes while its layer is read: some 600 for an entry, and twice all paths, targets of links, extended
    /// attributes and contents that the index carries. Directories that are only implied count as well. The default is enough for three million files with
    /// paths of 50 bytes.
    /// </summary>
    public long MetadataSize { get; init; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Bytes of the whole uncompressed tar, and of all contents with holes filled in.</summary>
    public long TotalSize { get; init; } = 256L * 1024 * 1024 * 1024;
}
