using Strata.Linux;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>
/// Takes away what is garbage by the rules, a small batch at a time: leases are read, rows removed and files unlinked under the exclusive
/// lock, so that nobody finds content present that is about to go; between batches others get their turn.
/// </summary>
internal sealed class Collector(StoreContext context)
{
    /// <param name="rules">In the order in which they free things.</param>
    /// <param name="before">See <see cref="GarbageQuery"/>.</param>
    /// <param name="budget">Rules with an order of use end where the store takes no more than this.</param>
    /// <param name="rehearse">Only find what would go, by taking it in a transaction that is undone.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    public Task<List<Garbage>> RunAsync(IReadOnlyList<GarbageRule> rules, long before, long budget, bool rehearse, CancellationToken cancellationToken) =>
        rehearse ? RehearseAsync(rules, before, budget, cancellationToken) : TakeAsync(rules, before, budget, cancellationToken);

    internal static long SizeOf(SqliteSession session) =>
        session.Number("SELECT (SELECT coalesce(sum(size), 0) FROM blobs) + (SELECT coalesce(sum(size), 0) FROM snapshots)") ?? 0;

    private async Task<List<Garbage>> TakeAsync(IReadOnlyList<GarbageRule> rules, long before, long budget, CancellationToken cancellationToken)
    {
        var collection = new Collection(rules, before, budget < long.MaxValue ? context.Database.Read(SizeOf) : 0, budget);
        foreach (var (rule, query) in collection.Steps())
        {
            collection.Took(await TakeBatchAsync(rule, query, cancellationToken));
        }
        return collection.All;
    }

    private async Task<List<Garbage>> RehearseAsync(IReadOnlyList<GarbageRule> rules, long before, long budget, CancellationToken cancellationToken)
    {
        // Nothing goes, so nobody has to be kept out.
        var leased = JsonArray.Of(context.Leases.AllUsed());
        Collection? collection = null;
        try
        {
            return await context.RemoveAsync<List<Garbage>>(
                session =>
                {
                    collection = new Collection(rules, before, SizeOf(session), budget);
                    foreach (var (rule, query) in collection.Steps())
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        collection.Took(rule.Take(session, query with { Leased = leased }));
                    }
                    // What throws is undone. Within a savepoint of its own every statement would take as long as all that it has to remember.
                    throw new RehearsedException();
                },
                cancellationToken);
        }
        catch (RehearsedException)
        {
            return collection!.All;
        }
    }

    private async Task<List<Garbage>> TakeBatchAsync(GarbageRule rule, GarbageQuery query, CancellationToken cancellationToken)
    {
        using var exclusive = await context.Collection.ExclusiveAsync(cancellationToken);
        query = query with { Leased = JsonArray.Of(context.Leases.AllUsed()) };
        var batch = await TakeRowsAsync(rule, query, cancellationToken);
        var done = 0;
        try
        {
            for (; done < batch.Count; done++)
            {
                RemoveFiles(batch[done]);
            }
            return batch;
        }
        finally
        {
            if (done < batch.Count)
            {
                Strays.NoteIfPossible(context.Folders);
            }
        }
    }

    /// <summary>Where the log has no room for many rows it may have for a few; they free the first files, and those make room.</summary>
    private async Task<List<Garbage>> TakeRowsAsync(GarbageRule rule, GarbageQuery query, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await context.RemoveAsync(session => rule.Take(session, query), cancellationToken);
            }
            catch (SqliteStoreException e) when (e.Problem == SqliteProblem.Full && query.Limit > 1)
            {
                query = query with { Limit = Math.Max(1, query.Limit / 8) };
                context.Database.Checkpoint();
            }
        }
    }

    private void RemoveFiles(Garbage garbage)
    {
        switch (garbage.Kind)
        {
            case GarbageKind.Blob or GarbageKind.Tar:
                HostFile.RemoveTree(context.Folders.Blob(Digest.Parse(garbage.Key)));
                break;
            case GarbageKind.Layer:
                HostFile.RemoveTree(context.Folders.Index(Digest.Parse(garbage.Key)));
                break;
            case GarbageKind.Snapshot:
                HostFile.RemoveTree(context.Folders.Snapshot(garbage.Key));
                break;
            default:
                break;
        }
    }

    private sealed class RehearsedException : Exception;
}
