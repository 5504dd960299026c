using System.Buffers.Binary;
using System.Text;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// The fixed-size record of an entry in an index file, little endian; texts and values lie in the file's heap. Fields: path offset 4,
/// path length 2, kind 1, flags 1, mode 4, user 4, group 4, size 8, seconds 8, nanoseconds 4, content offset in the tar 8, link offset 4, link
/// length 4, device major 4, minor 4, xattrs offset 4, inline offset 4, inline length 4, reserved 4, sha256 32.
/// </summary>
internal static class EntryRecord
{
    internal const int Size = 112;
    private const byte SparseFlag = 1;
    private const byte ContentFlag = 2;
    private const byte InlineFlag = 4;
    private const uint NoXattrs = uint.MaxValue;

    internal static void Write(StoredEntry stored, Span<byte> record, IndexHeap heap)
    {
        var entry = stored.Entry;
        record.Clear();
        Put(record, heap.Add(entry.Path.Bytes));
        BinaryPrimitives.WriteUInt16LittleEndian(record[4..], checked((ushort)entry.Path.Bytes.Length));
        record[6] = (byte)entry.Kind;
        record[7] = (byte)((stored.IsSparse ? SparseFlag : 0) | (entry.Content is null ? 0 : ContentFlag) | (entry.Inline is null ? 0 : InlineFlag));
        Put(record[8..], entry.Mode);
        Put(record[12..], entry.UserId);
        Put(record[16..], entry.GroupId);
        BinaryPrimitives.WriteInt64LittleEndian(record[20..], entry.Size);
        BinaryPrimitives.WriteInt64LittleEndian(record[28..], entry.Modified.Seconds);
        Put(record[36..], entry.Modified.Nanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(record[40..], stored.ContentOffset);
        Put(record[48..], heap.Add(entry.LinkTarget.Span));
        Put(record[52..], (uint)entry.LinkTarget.Length);
        Put(record[56..], entry.DeviceMajor);
        Put(record[60..], entry.DeviceMinor);
        Put(record[64..], entry.Xattrs.Count == 0 ? NoXattrs : heap.Add(EncodeXattrs(entry.Xattrs)));
        if (entry.Inline is { } inline)
        {
            Put(record[68..], heap.Add(inline.Span));
            Put(record[72..], (uint)inline.Length);
        }
        if (entry.Content is { } digest)
        {
            Convert.FromHexString(digest.Hex, record[80..], out _, out _);
        }
    }

    /// <summary>
    /// One more name of the file whose record is <paramref name="other"/>: all but path, kind and link is the same, and lies in the heap
    /// once. Where links come before the name they lead to, that one's path is in the heap with them.
    /// </summary>
    internal static void WriteName(ImagePath path, EntryKind kind, ReadOnlySpan<byte> other, Span<byte> record, IndexHeap heap)
    {
        other.CopyTo(record);
        record[6] = (byte)kind;
        if (kind == EntryKind.Regular)
        {
            other.Slice(48, 4).CopyTo(record);
            BinaryPrimitives.WriteUInt16LittleEndian(record[4..], checked((ushort)Get(other[52..])));
            record[48..56].Clear();
            return;
        }
        Put(record, heap.Add(path.Bytes));
        BinaryPrimitives.WriteUInt16LittleEndian(record[4..], checked((ushort)path.Bytes.Length));
        if (Kind(other) == EntryKind.Regular)
        {
            other[..4].CopyTo(record[48..]);
            Put(record[52..], BinaryPrimitives.ReadUInt16LittleEndian(other[4..]));
        }
    }

    /// <summary>All that the record names lies in the heap: <see cref="Read"/> will not leave it.</summary>
    internal static bool IsSound(ReadOnlySpan<byte> record, ReadOnlySpan<byte> heap)
    {
        var xattrs = Get(record[64..]);
        return Kind(record) <= EntryKind.OpaqueWhiteout
            && Lies(Get(record), BinaryPrimitives.ReadUInt16LittleEndian(record[4..]), heap)
            && Lies(Get(record[48..]), Get(record[52..]), heap)
            && ((record[7] & InlineFlag) == 0 || Lies(Get(record[68..]), Get(record[72..]), heap))
            && (xattrs == NoXattrs || (Lies(xattrs, sizeof(ushort), heap) && AreSoundXattrs(heap[(int)xattrs..])));
    }

    internal static ReadOnlySpan<byte> Path(ReadOnlySpan<byte> record, ReadOnlySpan<byte> heap) =>
        heap.Slice((int)Get(record), BinaryPrimitives.ReadUInt16LittleEndian(record[4..]));

    internal static EntryKind Kind(ReadOnlySpan<byte> record) => (EntryKind)record[6];

    /// <summary>Where the content, or its first part, lies in the tar: its name in the recipe.</summary>
    internal static long ContentOffset(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[40..]);

    internal static LayerEntry Read(ReadOnlySpan<byte> record, ReadOnlyMemory<byte> heap)
    {
        var flags = record[7];
        var kind = Kind(record);
        var xattrs = Get(record[64..]);
        return new LayerEntry
        {
            Path = ImagePath.FromClean(Path(record, heap.Span).ToArray()),
            Kind = kind,
            Mode = Get(record[8..]),
            UserId = Get(record[12..]),
            GroupId = Get(record[16..]),
            Size = BinaryPrimitives.ReadInt64LittleEndian(record[20..]),
            Modified = new FileTime(BinaryPrimitives.ReadInt64LittleEndian(record[28..]), Get(record[36..])),
            TarOffset = kind is EntryKind.Regular or EntryKind.HardLink && (flags & SparseFlag) == 0 ? ContentOffset(record) : -1,
            LinkTarget = LinkTarget(record, heap),
            DeviceMajor = Get(record[56..]),
            DeviceMinor = Get(record[60..]),
            Xattrs = xattrs == NoXattrs ? [] : DecodeXattrs(heap.Span[(int)xattrs..]),
            Inline = (flags & InlineFlag) == 0 ? default(ReadOnlyMemory<byte>?) : heap.Slice((int)Get(record[68..]), (int)Get(record[72..])),
            Content = (flags & ContentFlag) == 0 ? null : Digest.FromHash(DigestAlgorithm.Sha256, record[80..112]),
        };
    }

    /// <summary>The target of a link alone.</summary>
    internal static ReadOnlyMemory<byte> LinkTarget(ReadOnlySpan<byte> record, ReadOnlyMemory<byte> heap) =>
        Get(record[52..]) is 0 ? default : heap.Slice((int)Get(record[48..]), (int)Get(record[52..]));

    /// <summary>Bytes that an entry takes in the heap.</summary>
    internal static long HeapSizeOf(LayerEntry entry) =>
        entry.Path.Bytes.Length + entry.LinkTarget.Length + SizeOf(entry.Xattrs) + (entry.Inline?.Length ?? 0L);

    /// <summary>Bytes that extended attributes take in the heap.</summary>
    internal static int SizeOf(IReadOnlyList<KeyValuePair<string, byte[]>> xattrs)
    {
        var size = 0;
        foreach (var (name, value) in xattrs)
        {
            size += 6 + Encoding.UTF8.GetByteCount(name) + value.Length;
        }
        return size == 0 ? 0 : size + 2;
    }

    // Count 2, then of each: length of the name 2, name, length of the value 4, value.
    private static byte[] EncodeXattrs(IReadOnlyList<KeyValuePair<string, byte[]>> xattrs)
    {
        var text = new MemoryStream();
        using var writer = new BinaryWriter(text);
        writer.Write(checked((ushort)xattrs.Count));
        foreach (var (name, value) in xattrs)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            writer.Write(checked((ushort)bytes.Length));
            writer.Write(bytes);
            writer.Write(value.Length);
            writer.Write(value);
        }
        return text.ToArray();
    }

    private static KeyValuePair<string, byte[]>[] DecodeXattrs(ReadOnlySpan<byte> text)
    {
        var xattrs = new KeyValuePair<string, byte[]>[BinaryPrimitives.ReadUInt16LittleEndian(text)];
        text = text[2..];
        for (var i = 0; i < xattrs.Length; i++)
        {
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(text);
            var name = Encoding.UTF8.GetString(text.Slice(2, nameLength));
            var valueLength = BinaryPrimitives.ReadInt32LittleEndian(text[(2 + nameLength)..]);
            xattrs[i] = new(name, text.Slice(6 + nameLength, valueLength).ToArray());
            text = text[(6 + nameLength + valueLength)..];
        }
        return xattrs;
    }

    private static bool AreSoundXattrs(ReadOnlySpan<byte> text)
    {
        var left = BinaryPrimitives.ReadUInt16LittleEndian(text);
        for (text = text[2..]; left > 0; left--)
        {
            if (text.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(text) is var nameLength && text.Length < 6 + nameLength)
            {
                return false;
            }
            var valueLength = BinaryPrimitives.ReadInt32LittleEndian(text[(2 + nameLength)..]);
            text = text[(6 + nameLength)..];
            if (valueLength < 0 || valueLength > text.Length)
            {
                return false;
            }
            text = text[valueLength..];
        }
        return true;
    }

    private static bool Lies(uint offset, uint length, ReadOnlySpan<byte> heap) => (ulong)offset + length <= (ulong)heap.Length;

    private static void Put(Span<byte> field, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(field, value);

    private static uint Get(ReadOnlySpan<byte> field) => BinaryPrimitives.ReadUInt32LittleEndian(field);
}
