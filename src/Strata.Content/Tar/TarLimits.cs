namespace Strata.Content.Tar;

/// <summary>What an archive of unknown origin may cost before reading it fails.</summary>
public sealed record TarLimits
{
    public static TarLimits Default { get; } = new();

    /// <summary>Bytes of the special headers (PAX records, long names, sparse maps) before one member, and of all global PAX records that hold.</summary>
    public int HeaderSize { get; init; } = 1024 * 1024;

    /// <summary>Bytes of the archive.</summary>
    public long TotalSize { get; init; } = long.MaxValue;
}
