using System.Buffers;
using System.Globalization;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// The entries of an index to come, as they will lie in its file: a layer of many files would take thrice the memory as objects.
/// </summary>
internal sealed class IndexRecords
{
    private readonly ArrayBufferWriter<byte> _records;
    private readonly IndexHeap _heap;
    private readonly long _largest;

    /// <param name="expected">How many entries there will be, about: as many have room without being moved.</param>
    /// <param name="expectedBytes">Of their paths and links.</param>
    /// <param name="largest">Bytes that records and heap may have together.</param>
    internal IndexRecords(int expected = 0, int expectedBytes = 0, long largest = IndexHeader.LargestContent)
    {
        _largest = largest;
        if (SizeOf(expected, expectedBytes) > largest)
        {
            throw TooLarge(expected);
        }
        _records = expected > 0 ? new(expected * EntryRecord.Size) : new();
        _heap = new IndexHeap(expectedBytes);
    }

    private IndexRecords(int expected, IndexHeap heap) =>
        (_records, _heap, _largest) = (new(expected * EntryRecord.Size), heap, IndexHeader.LargestContent);

    /// <summary>What so many entries take, with so many bytes of texts and values.</summary>
    internal static long SizeOf(long entries, long heap) => (entries * EntryRecord.Size) + heap;

    internal int Count { get; private set; }

    internal ReadOnlyMemory<byte> Records => _records.WrittenMemory;

    internal ReadOnlyMemory<byte> Heap => _heap.Memory;

    internal LayerEntry this[int position] => EntryRecord.Read(Record(position), _heap.Memory);

    /// <summary>Throws <see cref="InvalidOperationException"/>, before it takes any memory, where an index cannot hold one more.</summary>
    internal void Add(StoredEntry entry)
    {
        CheckRoom(EntryRecord.HeapSizeOf(entry.Entry));
        EntryRecord.Write(entry, _records.GetSpan(EntryRecord.Size)[..EntryRecord.Size], _heap);
        _records.Advance(EntryRecord.Size);
        Count++;
    }

    /// <summary>One more name of the file that the record at <paramref name="other"/> is of: what they share lies in the heap once.</summary>
    internal void AddName(ImagePath path, EntryKind kind, int other)
    {
        CheckRoom(path.Bytes.Length);
        var record = _records.GetSpan(EntryRecord.Size)[..EntryRecord.Size];
        EntryRecord.WriteName(path, kind, Record(other), record, _heap);
        _records.Advance(EntryRecord.Size);
        Count++;
    }

    internal ReadOnlyMemory<byte> LinkTargetAt(int position) => EntryRecord.LinkTarget(Record(position), _heap.Memory);

    /// <summary>These, or the same in the order that an index has.</summary>
    internal IndexRecords InOrder()
    {
        var position = 1;
        while (position < Count && Compare(position - 1, position) <= 0)
        {
            position++;
        }
        if (position >= Count)
        {
            return this;
        }
        var positions = Enumerable.Range(0, Count).ToArray();
        Array.Sort(positions, Compare);
        var ordered = new IndexRecords(Count, _heap);
        foreach (var from in positions)
        {
            Record(from).CopyTo(ordered._records.GetSpan(EntryRecord.Size));
            ordered._records.Advance(EntryRecord.Size);
        }
        ordered.Count = Count;
        return ordered;
    }

    /// <summary>Of ordered records: no whiteout, and an entry for every directory that is above another entry.</summary>
    internal bool AreSelfContained()
    {
        // Positions of the directories that the last entry lies in; the root may have none.
        var directories = new Stack<int>();
        for (var position = 0; position < Count; position++)
        {
            var kind = EntryRecord.Kind(Record(position));
            if (kind is EntryKind.Whiteout or EntryKind.OpaqueWhiteout)
            {
                return false;
            }
            var path = PathAt(position);
            if (path.IsEmpty)
            {
                continue;
            }
            while (directories.TryPeek(out var directory) && !PathOrder.IsWithin(path, PathAt(directory)))
            {
                directories.Pop();
            }
            var parent = directories.TryPeek(out var nearest) ? PathAt(nearest) : [];
            if (!parent.SequenceEqual(path[..Math.Max(0, path.LastIndexOf((byte)'/'))]))
            {
                return false;
            }
            if (kind == EntryKind.Directory)
            {
                directories.Push(position);
            }
        }
        return true;
    }

    internal ReadOnlySpan<byte> PathAt(int position) => EntryRecord.Path(Record(position), _heap.Bytes);

    internal EntryKind KindAt(int position) => EntryRecord.Kind(Record(position));

    private void CheckRoom(long bytes)
    {
        if (SizeOf(Count + 1L, _heap.Memory.Length + bytes) > _largest)
        {
            throw TooLarge(Count + 1);
        }
    }

    private static InvalidOperationException TooLarge(int entries) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"A layer of {entries:N0} entries is larger than its index can be, which is 2 GiB; make several layers of it."));

    private ReadOnlySpan<byte> Record(int position) => _records.WrittenSpan.Slice(position * EntryRecord.Size, EntryRecord.Size);

    private int Compare(int x, int y) => Compare(PathAt(x), EntryRecord.Kind(Record(x)), PathAt(y), EntryRecord.Kind(Record(y)));

    /// <summary>The order that an index has.</summary>
    internal static int Compare(ReadOnlySpan<byte> path, EntryKind kind, ReadOnlySpan<byte> otherPath, EntryKind otherKind)
    {
        var order = PathOrder.Compare(path, otherPath);
        return order != 0 ? order : kind.CompareTo(otherKind);
    }
}
