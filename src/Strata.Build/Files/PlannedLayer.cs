using System.Collections;
using Strata.Content.Layers;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The planned entries in the order of a layer; names of one file are links to the first of them. Each is made when it is asked for.</summary>
internal sealed class PlannedLayer : IReadOnlyList<PlannedEntry>
{
    private readonly PlanTable _table;
    private readonly int[] _order;
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _links = [];

    public PlannedLayer(PlanTable table)
    {
        _table = table;
        _order = InOrder(table);
        var first = new Dictionary<(int, LinkIdentity), ImagePath>();
        for (var i = 0; i < _order.Length; i++)
        {
            var entry = table[_order[i]];
            Bytes += entry.Header.Path.Bytes.Length + entry.Header.LinkTarget.Length;
            if (entry is { Source: { IsRegular: true, Link: { } link } } && !first.TryAdd((entry.Group, link), entry.Header.Path))
            {
                _links[i] = first[(entry.Group, link)].Bytes.ToArray();
                Bytes += _links[i].Length;
            }
        }
    }

    public int Count => _order.Length;

    /// <summary>Of all paths and links.</summary>
    public long Bytes { get; }

    public PlannedEntry this[int index]
    {
        get
        {
            var entry = _table[_order[index]];
            return _links.TryGetValue(index, out var target)
                ? new PlannedEntry(entry.Header with { Kind = EntryKind.HardLink, LinkTarget = target })
                : entry;
        }
    }

    public IEnumerator<PlannedEntry> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Merges the stretches that are in order already, which are few: what is in a directory comes so.</summary>
    private static int[] InOrder(PlanTable table)
    {
        var order = new int[table.Count];
        var ends = new List<int>();
        ImagePath last = default;
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            var path = table[i].Header.Path;
            if (i > 0 && PathOrder.Compare(last.Bytes, path.Bytes) > 0)
            {
                ends.Add(i);
            }
            last = path;
        }
        ends.Add(order.Length);
        var merged = ends.Count > 1 ? new int[order.Length] : [];
        while (ends.Count > 1)
        {
            var fewer = new List<int>();
            for (var i = 0; i < ends.Count; i += 2)
            {
                var (start, middle, end) = (i == 0 ? 0 : ends[i - 1], ends[i], ends[Math.Min(i + 1, ends.Count - 1)]);
                Merge(table, order.AsSpan(start..middle), order.AsSpan(middle..end), merged.AsSpan(start..end));
                fewer.Add(end);
            }
            (order, merged, ends) = (merged, order, fewer);
        }
        return order;
    }

    private static void Merge(PlanTable table, ReadOnlySpan<int> left, ReadOnlySpan<int> right, Span<int> to)
    {
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var (leftPath, rightPath) = (table[left[0]].Header.Path, table[right[0]].Header.Path);
            var count = 0;
            if (PathOrder.Compare(leftPath.Bytes, rightPath.Bytes) < 0)
            {
                do
                {
                    to[count] = left[count];
                    count++;
                }
                while (count < left.Length && PathOrder.Compare(table[left[count]].Header.Path.Bytes, rightPath.Bytes) < 0);
                left = left[count..];
            }
            else
            {
                do
                {
                    to[count] = right[count];
                    count++;
                }
                while (count < right.Length && PathOrder.Compare(table[right[count]].Header.Path.Bytes, leftPath.Bytes) < 0);
                right = right[count..];
            }
            to = to[count..];
        }
        left.CopyTo(to);
        right.CopyTo(to[left.Length..]);
    }
}
