using System.Text;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Tests.Layers;

/// <summary>Entries and layers in few words.</summary>
internal static class Sample
{
    /// <summary>The order of a layer's entries.</summary>
    internal static readonly Comparer<ImagePath> InOrder = Comparer<ImagePath>.Create(static (x, y) => PathOrder.Compare(x.Bytes, y.Bytes));

    internal static readonly FileTime Time = new(1_700_000_000, 0);

    internal static LayerEntry File(string path, string content, uint mode = 0x1A4) => new()
    {
        Path = ImagePath.Parse(path),
        Kind = EntryKind.Regular,
        Mode = mode,
        Size = Encoding.UTF8.GetByteCount(content),
        Modified = Time,
        Inline = Encoding.UTF8.GetBytes(content),
    };

    internal static LayerEntry Directory(string path, uint mode = 0x1ED) =>
        new() { Path = ImagePath.Parse(path), Kind = EntryKind.Directory, Mode = mode, Modified = Time };

    internal static LayerEntry Link(string path, string target) =>
        new() { Path = ImagePath.Parse(path), Kind = EntryKind.SymbolicLink, Mode = 0x1FF, Modified = Time, LinkTarget = Encoding.UTF8.GetBytes(target) };

    internal static LayerEntry HardLink(string path, string target) =>
        new() { Path = ImagePath.Parse(path), Kind = EntryKind.HardLink, LinkTarget = Encoding.UTF8.GetBytes(target) };

    internal static LayerEntry Device(string path, EntryKind kind, uint major, uint minor) =>
        new() { Path = ImagePath.Parse(path), Kind = kind, Mode = 0x1B6, Modified = Time, DeviceMajor = major, DeviceMinor = minor };

    internal static LayerEntry Whiteout(string path) => new() { Path = ImagePath.Parse(path), Kind = EntryKind.Whiteout };

    internal static LayerEntry Opaque(string path) => new() { Path = ImagePath.Parse(path), Kind = EntryKind.OpaqueWhiteout };

    /// <summary>A layer of entries as they are given; the content of files is in <see cref="LayerEntry.Inline"/>.</summary>
    internal static (byte[] Tar, LayerIndex Index) Layer(params IEnumerable<LayerEntry> entries)
    {
        var tar = new MemoryStream();
        using var builder = new LayerBuilder(tar, null);
        foreach (var entry in entries)
        {
            Add(builder, entry);
        }
        var index = builder.Complete();
        return (tar.ToArray(), index);
    }

    internal static void Add(LayerBuilder builder, LayerEntry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.Regular:
                builder.AddFile(entry, new MemoryStream(entry.Inline?.ToArray() ?? []));
                break;
            case EntryKind.Directory:
                builder.AddDirectory(entry);
                break;
            case EntryKind.SymbolicLink:
                builder.AddSymbolicLink(entry);
                break;
            case EntryKind.HardLink:
                builder.AddHardLink(entry);
                break;
            case EntryKind.Whiteout:
                builder.AddWhiteout(entry.Path);
                break;
            case EntryKind.OpaqueWhiteout:
                builder.AddOpaque(entry.Path);
                break;
            default:
                builder.AddNode(entry);
                break;
        }
    }

    /// <summary>A tar of headers as they are given, which no builder would make; contents are zeros.</summary>
    internal static byte[] Archive(params IEnumerable<TarHeader> headers)
    {
        var tar = new MemoryStream();
        using var writer = new TarWriter(tar);
        foreach (var header in headers)
        {
            writer.WriteHeader(header);
            if (header.Type == TarType.Regular)
            {
                writer.Write(new byte[header.Size]);
            }
        }
        writer.Complete();
        return tar.ToArray();
    }

    internal static TarHeader Header(string name, byte type = TarType.Regular, string link = "", long size = 0) => new()
    {
        Name = Encoding.UTF8.GetBytes(name),
        Type = type,
        LinkName = Encoding.UTF8.GetBytes(link),
        Mode = 0x1A4,
        Size = size,
        Modified = Time,
    };

    internal static LayerIndex Index(byte[] tar) => LayerIndexer.Index(new MemoryStream(tar), IndexLimits.Default, TestContext.Current.CancellationToken);

    /// <summary>A line for each entry, with all that a mount would show of it.</summary>
    internal static string Describe(LayerEntry entry)
    {
        var kind = entry.Kind == EntryKind.HardLink ? EntryKind.Regular : entry.Kind;
        var link = entry.Kind == EntryKind.SymbolicLink ? Encoding.Latin1.GetString(entry.LinkTarget.Span) : "";
        var xattrs = string.Join(",", entry.Xattrs.Select(x => $"{x.Key}={Convert.ToHexStringLower(x.Value)}"));
        return $"{entry.Path} {kind} {Convert.ToString(entry.Mode, 8)} {entry.UserId}:{entry.GroupId} {entry.Size} {entry.Modified.Seconds} " +
            $"{entry.DeviceMajor}:{entry.DeviceMinor} {link} {entry.Content?.Short} {xattrs}";
    }
}
