using Strata.Oci;

namespace Strata.Store;

/// <param name="Untagged">Names that went with their images.</param>
/// <param name="Images">Ids of the images removed.</param>
/// <param name="BuildSteps">Keys of the results removed.</param>
/// <param name="Removed">How many of each kind, and how many bytes they took.</param>
public sealed record PruneResult(
    IReadOnlyList<Reference> Untagged, IReadOnlyList<Digest> Images, IReadOnlyList<Digest> BuildSteps, IReadOnlyDictionary<GarbageKind, PruneCount> Removed)
{
    public static PruneResult Nothing { get; } = new([], [], [], new Dictionary<GarbageKind, PruneCount>());

    public long Bytes => Removed.Values.Sum(count => count.Bytes);

    internal static PruneResult Of(IReadOnlyList<Garbage> garbage, IEnumerable<Reference> untagged, PruneCount temporaries)
    {
        var removed = garbage.GroupBy(g => g.Kind).ToDictionary(g => g.Key, g => new PruneCount(g.Count(), g.Sum(one => one.Bytes)));
        if (temporaries.Count > 0)
        {
            removed[GarbageKind.Temporary] = temporaries;
        }
        return new PruneResult([.. untagged.Distinct()], KeysOf(GarbageKind.Image), KeysOf(GarbageKind.BuildStep), removed);

        List<Digest> KeysOf(GarbageKind kind) => [.. garbage.Where(g => g.Kind == kind).Select(g => Digest.Parse(g.Key))];
    }
}

public sealed record PruneCount(int Count, long Bytes)
{
    public static PruneCount operator +(PruneCount one, PruneCount other) => new(one.Count + other.Count, one.Bytes + other.Bytes);
}
