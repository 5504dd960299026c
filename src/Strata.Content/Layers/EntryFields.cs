using Strata.Content.Tar;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// From the header of a tar to the attributes of a layer's entry, refusing what no file can have. They have no path: names have that.
/// </summary>
internal static class EntryFields
{
    private const uint LinkMode = 0x1FF;

    /// <summary>Null: a type that layers do not have.</summary>
    internal static EntryKind? KindOf(TarHeader header) => header.Type switch
    {
        TarType.Regular or TarType.Contiguous or TarType.GnuSparse => EntryKind.Regular,
        TarType.HardLink => EntryKind.HardLink,
        TarType.SymbolicLink => EntryKind.SymbolicLink,
        TarType.CharacterDevice => EntryKind.CharacterDevice,
        TarType.BlockDevice => EntryKind.BlockDevice,
        TarType.Directory or TarType.GnuDumpDirectory => EntryKind.Directory,
        TarType.Fifo => EntryKind.Fifo,
        _ => null,
    };

    internal static LayerEntry Of(TarHeader header, EntryKind kind, IndexLimits limits)
    {
        var isDevice = kind is EntryKind.CharacterDevice or EntryKind.BlockDevice;
        var isLink = kind == EntryKind.SymbolicLink;
        if (isLink && (header.LinkName.Length == 0 || header.LinkName.Length > limits.PathLength || header.LinkName.Contains((byte)0)))
        {
            throw Refusal.Of(header, $"it is a symbolic link whose target has no or more than {limits.PathLength} bytes");
        }
        if (kind == EntryKind.CharacterDevice && header is { DeviceMajor: 0, DeviceMinor: 0 })
        {
            throw Refusal.Of(header, "it is the character device 0:0, which overlay file systems take for a whiteout");
        }
        return new LayerEntry
        {
            Path = ImagePath.Root,
            Kind = kind,
            Mode = isLink ? LinkMode : (uint)header.Mode & 0xFFF,
            UserId = Id(header.UserId, "owner", header),
            GroupId = Id(header.GroupId, "group", header),
            Size = kind == EntryKind.Regular ? header.Size : 0,
            Modified = header.Modified,
            LinkTarget = isLink ? header.LinkName : default(ReadOnlyMemory<byte>),
            DeviceMajor = isDevice ? Number(header.DeviceMajor, header) : 0,
            DeviceMinor = isDevice ? Number(header.DeviceMinor, header) : 0,
            Xattrs = Attributes(header),
        };
    }

    // (uid_t)-1 means "leave it" to chown(2).
    private static uint Id(long id, string what, TarHeader header) => id is >= 0 and < uint.MaxValue
        ? (uint)id
        : throw Refusal.Of(header, $"its {what} ({id}) is no id that Linux has");

    private static uint Number(long number, TarHeader header) => number is >= 0 and <= 0xFFFFF
        ? (uint)number
        : throw Refusal.Of(header, $"its device number ({number}) is none that Linux has");

    private static IReadOnlyList<KeyValuePair<string, byte[]>> Attributes(TarHeader header)
    {
        foreach (var (name, value) in header.Xattrs)
        {
            // XATTR_NAME_MAX and XATTR_SIZE_MAX.
            if (name.Length > 255 || name.Contains('\0', StringComparison.Ordinal) || value.Length > 65536)
            {
                throw Refusal.Of(header, "one of its extended attributes is larger than Linux allows");
            }
        }
        return OverlayNames.Without(header.Xattrs);
    }
}
