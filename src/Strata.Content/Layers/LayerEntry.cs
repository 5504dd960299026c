using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>One file, directory, link, device or whiteout of a layer.</summary>
public sealed record LayerEntry
{
    /// <summary>Of a <see cref="EntryKind.Whiteout"/>: what it hides. Of an <see cref="EntryKind.OpaqueWhiteout"/>: the directory.</summary>
    public required ImagePath Path { get; init; }

    public required EntryKind Kind { get; init; }

    /// <summary>The permission part: 07777.</summary>
    public uint Mode { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>Bytes of a regular file and of its hard links, holes filled in; else 0.</summary>
    public long Size { get; init; }

    public FileTime Modified { get; init; }

    /// <summary>A symbolic link's target as it stands; a hard link's first name as a clean path. Else empty.</summary>
    public ReadOnlyMemory<byte> LinkTarget { get; init; }

    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    /// <summary>Ordered by name (ordinal). Never any of <c>trusted.overlay.*</c> and <c>user.overlay.*</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs { get; init; } = [];

    /// <summary>The sha256 of the content of a regular file or hard link; null for other kinds, and where nobody has read it yet.</summary>
    public Digest? Content { get; init; }

    /// <summary>
    /// Where the content starts in the uncompressed tar, for a hard link the first name's; -1 where it does not lie there in
    /// one piece (no content, a sparse entry).
    /// </summary>
    public long TarOffset { get; init; } = -1;

    /// <summary>The content of the few small files that many ask for (passwd, group, os-release): see <see cref="InlineFiles"/>.</summary>
    public ReadOnlyMemory<byte>? Inline { get; init; }

    /// <summary>A regular file under its first or another name.</summary>
    public bool IsFile => Kind is EntryKind.Regular or EntryKind.HardLink;

    public bool IsDirectory => Kind is EntryKind.Directory;

    /// <summary>No file of its own, but a mark that hides what lies below.</summary>
    public bool IsWhiteout => Kind is EntryKind.Whiteout or EntryKind.OpaqueWhiteout;
}
