using Strata.Oci;

namespace Strata.Store;

/// <param name="Images">Ids of the images removed.</param>
/// <param name="Removed">How many of each kind, and how many bytes they took.</param>
public sealed record PruneResult(IReadOnlyList<Digest> Images, IReadOnlyDictionary<GarbageKind, PruneCount> Removed)
{
    public long Bytes => Removed.Values.Sum(count => count.Bytes);

    internal static PruneResult Of(IReadOnlyList<Garbage> garbage, (int Count, long Bytes) temporaries)
    {
        var removed = garbage.GroupBy(g => g.Kind).ToDictionary(g => g.Key, g => new PruneCount(g.Count(), g.Sum(one => one.Bytes)));
        if (temporaries.Count > 0)
        {
            removed[GarbageKind.Temporary] = new PruneCount(temporaries.Count, temporaries.Bytes);
        }
        return new PruneResult([.. garbage.Where(g => g.Kind == GarbageKind.Image).Select(g => Digest.Parse(g.Key))], removed);
    }
}

public sealed record PruneCount(int Count, long Bytes);
