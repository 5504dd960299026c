using System.Buffers.Binary;
using System.Collections;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// What a walk of a context found, in the order of paths, packed: as objects the files of a large context would take five times the memory.
/// Each time one is asked for, it is made anew. A record: kind 1, flags 1, length of the path 2, of the link 2, mode 2, size 8, modified 12,
/// changed 12, device 8, inode 8, of a device its numbers 8, path, link.
/// </summary>
internal sealed class ContextEntries : IReadOnlyList<SourceEntry>
{
    private const int ChunkBits = 18;
    private const int MostChunks = 1 << (32 - ChunkBits);
    private const int FixedSize = 56;
    private const int NumbersSize = 8;
    private const byte LinkedFlag = 1;

    // No record lies in two chunks; a place is the number of a chunk and an offset in it.
    private readonly List<byte[]> _chunks;
    private readonly List<uint> _places;
    private readonly int _first;
    private readonly int? _count;
    private readonly int _mostChunks;
    private int _used = 1 << ChunkBits;

    /// <param name="mostChunks">Of 256 KiB each.</param>
    public ContextEntries(int mostChunks = MostChunks) => (_chunks, _places, _mostChunks) = ([], [], mostChunks);

    private ContextEntries(ContextEntries whole, int first, int count) =>
        (_chunks, _places, _first, _count) = (whole._chunks, whole._places, first, count);

    public int Count => _count ?? _places.Count;

    public SourceEntry this[int index] => Read(Record(index));

    /// <summary>
    /// Comes after all that were added before; only to what was not made by <see cref="Below"/>. Throws <see cref="CopyException"/>
    /// where there is no room.
    /// </summary>
    public void Add(SourceEntry entry)
    {
        var path = entry.Path.Bytes;
        var link = entry.LinkTarget.Span;
        var isDevice = entry.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice;
        if (path.Length > ushort.MaxValue || link.Length > ushort.MaxValue)
        {
            throw new CopyException(
                $"a path or link of the build context has more than {ushort.MaxValue} bytes, the most that a layer can have; "
                + $"exclude it in .dockerignore: \"{entry.Path}\"");
        }
        var size = FixedSize + (isDevice ? NumbersSize : 0) + path.Length + link.Length;
        if (_used + size > 1 << ChunkBits)
        {
            if (_chunks.Count == _mostChunks)
            {
                throw CopyLimit.TooMany(_places.Count + 1L);
            }
            _chunks.Add(GC.AllocateUninitializedArray<byte>(1 << ChunkBits));
            _used = 0;
        }
        _places.Add(((uint)(_chunks.Count - 1) << ChunkBits) | (uint)_used);
        var record = _chunks[^1].AsSpan(_used, size);
        _used += size;
        record[0] = (byte)entry.Kind;
        record[1] = entry.Link is null ? (byte)0 : LinkedFlag;
        BinaryPrimitives.WriteUInt16LittleEndian(record[2..], (ushort)path.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[4..], (ushort)link.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[6..], checked((ushort)entry.Mode));
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], entry.Identity.Size);
        Write(record[16..], entry.Identity.Modified);
        Write(record[28..], entry.Identity.Changed);
        BinaryPrimitives.WriteUInt64LittleEndian(record[40..], entry.Identity.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(record[48..], entry.Identity.Inode);
        record = record[FixedSize..];
        if (isDevice)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(record, entry.DeviceMajor);
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], entry.DeviceMinor);
            record = record[NumbersSize..];
        }
        path.CopyTo(record);
        link.CopyTo(record[path.Length..]);
    }

    /// <summary>Those below a directory; they follow it without a gap.</summary>
    public ContextEntries Below(ImagePath directory)
    {
        if (directory.IsRoot)
        {
            return this;
        }
        var (first, count) = PathSearch.Below(new Paths(this), directory.Bytes);
        return new ContextEntries(this, _first + first, count);
    }

    public IEnumerator<SourceEntry> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ReadOnlySpan<byte> PathAt(int index)
    {
        var record = Record(index);
        var isDevice = (EntryKind)record[0] is EntryKind.CharacterDevice or EntryKind.BlockDevice;
        return record.Slice(FixedSize + (isDevice ? NumbersSize : 0), BinaryPrimitives.ReadUInt16LittleEndian(record[2..]));
    }

    private ReadOnlySpan<byte> Record(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        var place = _places[_first + index];
        return _chunks[(int)(place >> ChunkBits)].AsSpan((int)(place & ((1 << ChunkBits) - 1)));
    }

    private static SourceEntry Read(ReadOnlySpan<byte> record)
    {
        var kind = (EntryKind)record[0];
        var identity = new FileIdentity(
            BinaryPrimitives.ReadUInt64LittleEndian(record[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(record[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[8..]),
            ReadTime(record[16..]),
            ReadTime(record[28..]));
        var isDevice = kind is EntryKind.CharacterDevice or EntryKind.BlockDevice;
        var names = record[(FixedSize + (isDevice ? NumbersSize : 0))..];
        var pathLength = BinaryPrimitives.ReadUInt16LittleEndian(record[2..]);
        var linkLength = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        return new SourceEntry
        {
            Path = ImagePath.FromClean(names[..pathLength].ToArray()),
            Kind = kind,
            Mode = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]),
            Size = kind == EntryKind.Regular ? identity.Size : 0,
            Modified = new FileTime(identity.Modified.Seconds, 0),
            LinkTarget = linkLength == 0 ? default(ReadOnlyMemory<byte>) : names.Slice(pathLength, linkLength).ToArray(),
            DeviceMajor = isDevice ? BinaryPrimitives.ReadUInt32LittleEndian(record[FixedSize..]) : 0,
            DeviceMinor = isDevice ? BinaryPrimitives.ReadUInt32LittleEndian(record[(FixedSize + 4)..]) : 0,
            Link = (record[1] & LinkedFlag) != 0 ? new LinkIdentity(identity.Device, identity.Inode, ImagePath.Root) : null,
            Identity = identity,
        };
    }

    private static void Write(Span<byte> field, FileTime time)
    {
        BinaryPrimitives.WriteInt64LittleEndian(field, time.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(field[8..], time.Nanoseconds);
    }

    private static FileTime ReadTime(ReadOnlySpan<byte> field) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(field), BinaryPrimitives.ReadUInt32LittleEndian(field[8..]));

    private readonly struct Paths(ContextEntries entries) : IPathsInOrder
    {
        public int Count => entries.Count;

        public ReadOnlySpan<byte> this[int position] => entries.PathAt(position);
    }
}
