using Strata.Linux;

namespace Strata.Content.Tar;

/// <summary>One member of an archive as its headers describe it, long names and PAX records applied.</summary>
public sealed record TarHeader
{
    /// <summary>As it stands: bytes, not cleaned.</summary>
    public required byte[] Name { get; init; }

    public required byte Type { get; init; }

    public byte[] LinkName { get; init; } = [];

    public long Mode { get; init; }

    public long UserId { get; init; }

    public long GroupId { get; init; }

    /// <summary>Of the content with holes filled in. Types without content may have one too; it means nothing then.</summary>
    public long Size { get; init; }

    public FileTime Modified { get; init; }

    public long DeviceMajor { get; init; }

    public long DeviceMinor { get; init; }

    /// <summary>Ordered by name (ordinal).</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs { get; init; } = [];

    /// <summary>Where the first of the member's headers starts in the archive.</summary>
    public long Offset { get; init; }

    /// <summary>Where the content starts in the archive.</summary>
    public long ContentOffset { get; init; }

    /// <summary>The archive has only the parts of the content that are not holes.</summary>
    public bool IsSparse { get; init; }
}
