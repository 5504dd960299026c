using System.Text.Json;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// Takes away what is garbage by the rules, a small batch at a time: leases are read, rows removed and files unlinked under the exclusive
/// lock, so that nobody finds content present that is about to go; between batches others get their turn.
/// </summary>
internal sealed class Collector(StoreContext context)
{
    private const int BatchSize = 64;

    /// <param name="rules">In the order in which they free things.</param>
    /// <param name="only">Keys to look at, as the rows have them; null for all.</param>
    /// <param name="before">See <see cref="GarbageQuery"/>.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    public async Task<List<Garbage>> RunAsync(
        IEnumerable<GarbageRule> rules, IReadOnlyCollection<string>? only, long before, CancellationToken cancellationToken)
    {
        var all = new List<Garbage>();
        foreach (var rule in rules)
        {
            while (true)
            {
                var batch = await TakeBatchAsync(rule, only, before, cancellationToken);
                all.AddRange(batch);
                if (batch.Count == 0)
                {
                    break;
                }
            }
        }
        return all;
    }

    /// <summary>What <see cref="RunAsync"/> would take, found by doing it in a transaction that is undone.</summary>
    public async Task<List<Garbage>> RehearseAsync(IEnumerable<GarbageRule> rules, long before, CancellationToken cancellationToken)
    {
        using var exclusive = await context.Collection.ExclusiveAsync(cancellationToken);
        var query = new GarbageQuery(Json(context.Leases.AllUsed()), null, before, int.MaxValue);
        return await context.Database.WriteAsync(
            session =>
            {
                var all = new List<Garbage>();
                session.Execute("SAVEPOINT rehearsal");
                foreach (var rule in rules)
                {
                    while (rule.Take(session, query) is { Count: > 0 } batch)
                    {
                        all.AddRange(batch);
                    }
                }
                session.Execute("ROLLBACK TO rehearsal");
                session.Execute("RELEASE rehearsal");
                return all;
            },
            cancellationToken);
    }

    private async Task<List<Garbage>> TakeBatchAsync(
        GarbageRule rule, IReadOnlyCollection<string>? only, long before, CancellationToken cancellationToken)
    {
        using var exclusive = await context.Collection.ExclusiveAsync(cancellationToken);
        var query = new GarbageQuery(Json(context.Leases.AllUsed()), only is null ? null : Json(only), before, BatchSize);
        var batch = await context.Database.WriteAsync(session => rule.Take(session, query), cancellationToken);
        batch.ForEach(RemoveFiles);
        return batch;
    }

    private void RemoveFiles(Garbage garbage)
    {
        switch (garbage.Kind)
        {
            case GarbageKind.Blob:
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
