using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>A file, directory or link that COPY may take, with the owner and mode it will have.</summary>
internal sealed record SourceEntry
{
    /// <summary>In the tree it comes from.</summary>
    public required ImagePath Path { get; init; }

    public required EntryKind Kind { get; init; }
    public required uint Mode { get; init; }
    public uint UserId { get; init; }
    public uint GroupId { get; init; }
    public long Size { get; init; }
    public required FileTime Modified { get; init; }

    /// <summary>Of a symbolic link, as it stands.</summary>
    public ReadOnlyMemory<byte> LinkTarget { get; init; }

    public uint DeviceMajor { get; init; }
    public uint DeviceMinor { get; init; }

    /// <summary>Equal for names of one file; null where the file has one name.</summary>
    public LinkIdentity? Link { get; init; }

    /// <summary>Of a file in a folder of this machine; default in an image.</summary>
    public FileIdentity Identity { get; init; }

    /// <summary>Of a file in an image: its layer in the tree's stack and its position there; -1 elsewhere.</summary>
    public int Layer { get; init; } = -1;

    public int Position { get; init; } = -1;

    /// <summary>Known for files of an image and inline ones; a context's files have to be read.</summary>
    public FileContent? Content { get; init; }

    /// <summary>The bytes themselves, of a file that stands in the Dockerfile.</summary>
    public ReadOnlyMemory<byte>? Inline { get; init; }

    /// <summary>Of a file that ADD unpacks from an archive.</summary>
    public ArchivePlace? Archive { get; init; }

    public bool IsDirectory => Kind == EntryKind.Directory;

    public bool IsRegular => Kind == EntryKind.Regular;
}

internal readonly record struct LinkIdentity(ulong Device, ulong Inode, ImagePath Name);

/// <summary>The sha256 of a file's bytes, and the extended attributes that go into a layer with it.</summary>
internal sealed record FileContent(Digest Digest, IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs);
