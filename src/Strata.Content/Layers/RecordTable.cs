namespace Strata.Content.Layers;

/// <summary>
/// Finds the records of an index to come by their paths: four bytes a slot, as the paths themselves lie in the records' heap.
/// All kinds of files share a path's one place; each kind of mark has its own.
/// </summary>
internal sealed class RecordTable
{
    private const int FewestSlots = 256;

    private readonly IndexRecords _records;

    // Positions plus one; 0 is a free slot. Their number is a power of two, and a quarter at least is free.
    private int[] _slots;
    private int _used;

    /// <param name="records">Whose positions are added here.</param>
    /// <param name="expected">How many there will be, about.</param>
    internal RecordTable(IndexRecords records, int expected)
    {
        _records = records;
        _slots = new int[SlotsFor(expected)];
    }

    /// <summary>-1 where there is none.</summary>
    internal int Find(ReadOnlySpan<byte> path, EntryKind kind)
    {
        for (var slot = FirstSlot(path, kind); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            var position = _slots[slot] - 1;
            if (PlaceOf(_records.KindAt(position)) == PlaceOf(kind) && _records.PathAt(position).SequenceEqual(path))
            {
                return position;
            }
        }
        return -1;
    }

    /// <summary>The record is there, and no other of its path and kind was added.</summary>
    internal void Add(int position)
    {
        if (_used + 1 > _slots.Length / 4 * 3)
        {
            var old = _slots;
            _slots = new int[old.Length * 2];
            foreach (var value in old)
            {
                if (value != 0)
                {
                    Insert(value);
                }
            }
        }
        Insert(position + 1);
        _used++;
    }

    private void Insert(int value)
    {
        var slot = FirstSlot(_records.PathAt(value - 1), _records.KindAt(value - 1));
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }
        _slots[slot] = value;
    }

    private int FirstSlot(ReadOnlySpan<byte> path, EntryKind kind)
    {
        // Seeded anew in every process, so that nobody can choose names that collide.
        var hash = new HashCode();
        hash.AddBytes(path);
        hash.Add((int)PlaceOf(kind));
        return hash.ToHashCode() & (_slots.Length - 1);
    }

    private static EntryKind PlaceOf(EntryKind kind) => kind is EntryKind.Whiteout or EntryKind.OpaqueWhiteout ? kind : EntryKind.Regular;

    private static int SlotsFor(int expected)
    {
        var slots = FewestSlots;
        while (slots < 1 << 30 && slots / 4 * 3 < expected)
        {
            slots *= 2;
        }
        return slots;
    }
}
