using System.Text.Json;
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
    private const int BatchSize = 64;

    /// <summary>Of what goes only until the store is small enough: more would go too far.</summary>
    private const int CarefulBatch = 8;

    /// <param name="rules">In the order in which they free things.</param>
    /// <param name="only">Keys to look at, as the rows have them; null for all.</param>
    /// <param name="before">See <see cref="GarbageQuery"/>.</param>
    /// <param name="budget">Rules with an order of use end where the store takes no more than this.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    public async Task<List<Garbage>> RunAsync(
        IEnumerable<GarbageRule> rules, IReadOnlyCollection<string>? only, long before, long budget, CancellationToken cancellationToken)
    {
        var keys = only is null ? null : Json(only);
        var size = budget < long.MaxValue ? context.Database.Read(SizeOf) : 0;
        var all = new List<Garbage>();
        foreach (var rule in rules)
        {
            var after = "";
            while (rule.LeastRecent is null || size - all.Sum(garbage => garbage.Bytes) > budget)
            {
                var batch = await TakeBatchAsync(rule, new GarbageQuery("", keys, before, rule.LeastRecent is null ? BatchSize : CarefulBatch, after), cancellationToken);
                if (batch.Count == 0)
                {
                    break;
                }
                all.AddRange(batch);
                after = rule.Again || rule.LeastRecent is not null ? "" : batch[^1].Key;
                if (rule.LeastRecent is not null)
                {
                    all.AddRange(await RunAsync(GarbageRules.Content, null, long.MaxValue, long.MaxValue, cancellationToken));
                }
            }
        }
        return all;
    }

    /// <summary>What <see cref="RunAsync"/> would take, found by doing it in a transaction that is undone.</summary>
    public async Task<List<Garbage>> RehearseAsync(IReadOnlyList<GarbageRule> rules, long before, long budget, CancellationToken cancellationToken)
    {
        using var exclusive = await context.Collection.ExclusiveAsync(cancellationToken);
        var leased = Json(context.Leases.AllUsed());
        return await context.RemoveAsync(
            session =>
            {
                session.Execute("SAVEPOINT rehearsal");
                var all = new List<Garbage>();
                var size = SizeOf(session);
                foreach (var rule in rules)
                {
                    while (rule.LeastRecent is null || size - all.Sum(garbage => garbage.Bytes) > budget)
                    {
                        var batch = rule.Take(session, new GarbageQuery(leased, null, before, rule.LeastRecent is null ? int.MaxValue : CarefulBatch));
                        if (batch.Count == 0)
                        {
                            break;
                        }
                        all.AddRange(batch);
                        if (rule.LeastRecent is not null)
                        {
                            all.AddRange(GarbageRules.Content.SelectMany(content => content.Take(session, new GarbageQuery(leased, null, long.MaxValue, int.MaxValue))));
                        }
                    }
                }
                session.Execute("ROLLBACK TO rehearsal");
                session.Execute("RELEASE rehearsal");
                return all;
            },
            cancellationToken);
    }

    internal static long SizeOf(SqliteSession session) =>
        session.Number("SELECT (SELECT coalesce(sum(size), 0) FROM blobs) + (SELECT coalesce(sum(size), 0) FROM snapshots)") ?? 0;

    private async Task<List<Garbage>> TakeBatchAsync(GarbageRule rule, GarbageQuery query, CancellationToken cancellationToken)
    {
        using var exclusive = await context.Collection.ExclusiveAsync(cancellationToken);
        query = query with { Leased = Json(context.Leases.AllUsed()) };
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

    private static string Json(IEnumerable<string> texts)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var text in texts)
            {
                writer.WriteStringValue(text);
            }
            writer.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
