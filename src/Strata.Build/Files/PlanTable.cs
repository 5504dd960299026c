using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// Planned entries by their paths. Those that a COPY takes are kept as the numbers by which it makes them anew, as a copy may be of
/// hundreds of thousands; only the few that a plan makes itself are kept whole.
/// </summary>
/// <param name="copies">Makes an entry of its group and number: always the same.</param>
/// <param name="expected">How many there will be, about.</param>
internal sealed class PlanTable(Func<int, int, PlannedEntry> copies, int expected)
{
    private const int OwnGroup = -1;

    private readonly List<(int Group, int Number)> _places = new(expected);
    private readonly List<int> _hashes = new(expected);
    private readonly List<PlannedEntry> _own = [];

    // Numbers in the lists plus one; 0 is free, and a quarter at least is. A power of two.
    private int[] _slots = new int[256];

    /// <summary>For a plan that makes all its entries itself.</summary>
    public static PlanTable WithoutCopies() => new((_, _) => throw new InvalidOperationException("This plan copies nothing."), 0);

    public int Count => _places.Count;

    /// <summary>In the order in which their paths came.</summary>
    public PlannedEntry this[int index] => _places[index] is { Group: OwnGroup, Number: var number }
        ? _own[number]
        : copies(_places[index].Group, _places[index].Number);

    public PlannedEntry? Find(ImagePath path) => _slots[SlotOf(path, path.GetHashCode())] is var value and not 0 ? this[value - 1] : null;

    /// <summary>In place of what has its path.</summary>
    /// <param name="number">Of one that is copied, in its group; null for another.</param>
    public void Put(PlannedEntry entry, int? number)
    {
        if (number is null)
        {
            _own.Add(entry);
        }
        var place = number is { } copied ? (entry.Group, copied) : (OwnGroup, _own.Count - 1);
        var hash = entry.Header.Path.GetHashCode();
        var slot = SlotOf(entry.Header.Path, hash);
        if (_slots[slot] is var known and not 0)
        {
            _places[known - 1] = place;
            return;
        }
        _places.Add(place);
        _hashes.Add(hash);
        _slots[slot] = _places.Count;
        if (_places.Count >= _slots.Length / 4 * 3)
        {
            Grow();
        }
    }

    /// <summary>The slot that the path has, or would get.</summary>
    private int SlotOf(ImagePath path, int hash)
    {
        var slot = hash & (_slots.Length - 1);
        while (_slots[slot] is var value and not 0 && (_hashes[value - 1] != hash || this[value - 1].Header.Path != path))
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }
        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var i = 0; i < _hashes.Count; i++)
        {
            var slot = _hashes[i] & (_slots.Length - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }
            _slots[slot] = i + 1;
        }
    }
}
