namespace Strata.Store;

/// <summary>
/// One going through of rules: which is asked for what, in which order and until when. What is taken away and what only would be go by the
/// same steps; each is answered through <see cref="Took"/> before the next is asked for.
/// </summary>
/// <param name="rules">In the order in which they free things.</param>
/// <param name="before">See <see cref="GarbageQuery"/>.</param>
/// <param name="size">What blobs and snapshots take at the beginning, in bytes.</param>
/// <param name="budget">Rules with an order of use end where they take no more than this.</param>
internal sealed class Collection(IEnumerable<GarbageRule> rules, long before, long size, long budget)
{
    private const int BatchSize = 64;

    /// <summary>Of what goes only until the store is small enough: more would go too far.</summary>
    private const int CarefulBatch = 8;

    private List<Garbage> _batch = [];
    private long _size = size;

    /// <summary>What was taken so far.</summary>
    public List<Garbage> All { get; } = [];

    public void Took(List<Garbage> batch)
    {
        _batch = batch;
        All.AddRange(batch);
        _size -= SizeOf(batch);
    }

    public IEnumerable<(GarbageRule Rule, GarbageQuery Query)> Steps()
    {
        foreach (var rule in rules)
        {
            var isCareful = rule.LeastRecent is not null;
            var after = "";
            while (!isCareful || _size > budget)
            {
                yield return (rule, new GarbageQuery("", rule.Only, before, isCareful ? CarefulBatch : BatchSize, after));
                if (_batch is not [.., var last])
                {
                    break;
                }
                after = rule.Again || isCareful ? "" : last.Key;
                if (isCareful)
                {
                    // Only with its content gone is it known how much there is still to free.
                    var content = new Collection(GarbageRules.Content, long.MaxValue, _size, long.MaxValue);
                    foreach (var step in content.Steps())
                    {
                        yield return step;
                        content.Took(_batch);
                    }
                }
            }
        }
    }

    /// <summary>What of it counts in the size of a store: rows of the database do not.</summary>
    public static long SizeOf(IEnumerable<Garbage> garbage) =>
        garbage.Where(one => one.Kind is GarbageKind.Blob or GarbageKind.Tar or GarbageKind.Snapshot).Sum(one => one.Bytes);
}
