using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>What earlier builds left: results by step key, and traces that explain why a step missed.</summary>
public sealed class BuildCacheStore
{
    private readonly StoreContext _context;

    internal BuildCacheStore(StoreContext context)
    {
        _context = context;
        FileHashes = new FileHashCache(context);
    }

    public FileHashCache FileHashes { get; }

    /// <summary>The result, its layers leased; null when there's none.</summary>
    public async ValueTask<BuildStepRecord?> FindAsync(Digest key, CancellationToken cancellationToken)
    {
        using var shared = await _context.Collection.SharedAsync(cancellationToken);
        if (_context.Database.ReadTogether(s => Find(s, key)) is not { } record)
        {
            return null;
        }
        _context.Leases.Use([.. record.Layers.Select(LayerStore.LeaseName)]);
        return record;
    }

    /// <summary>Keeps a result; an older one under the same key is replaced. Its layers must be in the store.</summary>
    public Task PutAsync(BuildStepRecord record, CancellationToken cancellationToken)
    {
        var key = record.Key.ToString();
        return _context.Database.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM build_steps WHERE key=?1", key);
                session.Execute(
                    "INSERT INTO build_steps(key, description, result, size, created, last_used) VALUES(?1, ?2, ?3, ?4, ?5, ?5)",
                    key,
                    record.Description,
                    record.Result,
                    record.Size,
                    _context.Now);
                foreach (var diffId in record.Layers)
                {
                    session.Execute("INSERT INTO build_step_layers(key, diff_id) VALUES(?1, ?2) ON CONFLICT DO NOTHING", key, diffId.ToString());
                }
                if (record.Trace is { } trace)
                {
                    PutTrace(session, trace);
                }
                return true;
            },
            cancellationToken);
    }

    /// <summary>Notes that results were used; once at the end of a build, as it is a write.</summary>
    public Task TouchAsync(IReadOnlyCollection<Digest> keys, CancellationToken cancellationToken) => keys.Count == 0
        ? Task.CompletedTask
        : _context.Database.WriteAsync(
            session =>
            {
                foreach (var key in keys)
                {
                    session.Execute("UPDATE build_steps SET last_used=?2 WHERE key=?1", key.ToString(), _context.Now);
                }
                return true;
            },
            cancellationToken);

    /// <summary>Opaque bytes kept under a place; null when there are none.</summary>
    public ReadOnlyMemory<byte>? FindTrace(Digest place) => _context.Database.Read(s =>
        s.First("SELECT trace FROM build_traces WHERE place=?1", static row => (ReadOnlyMemory<byte>?)row.Blob(0), place.ToString()));

    public Task PutTraceAsync(Digest place, ReadOnlyMemory<byte> trace, CancellationToken cancellationToken) =>
        _context.Database.WriteAsync(session => PutTrace(session, new BuildStepTrace(place, trace)), cancellationToken);

    /// <summary>
    /// Waits until nobody else on the machine works on the step. The caller looks the step up again before it works; disposing releases.
    /// </summary>
    public async ValueTask<IAsyncDisposable> AcquireLeaderAsync(Digest key, CancellationToken cancellationToken)
    {
        _context.Leases.Begin();
        return await _context.Locks.AcquireAsync("step", key.ToString(), cancellationToken);
    }

    /// <summary>All steps, the one used last first.</summary>
    public IReadOnlyList<BuildStepSummary> List() => _context.Database.Read(s => s.Query(
        """
        SELECT key, description, size, created, last_used, EXISTS(
            SELECT 1 FROM build_step_layers mine JOIN image_layers theirs ON theirs.diff_id=mine.diff_id WHERE mine.key=build_steps.key)
        FROM build_steps ORDER BY last_used DESC, key
        """,
        static row => new BuildStepSummary(
            Digest.Parse(row.Text(0)), row.Text(1), row.Long(2), StoreTime.FromRow(row.Long(3)), StoreTime.FromRow(row.Long(4)), row.Bool(5))));

    private int PutTrace(SqliteSession session, BuildStepTrace trace) => session.Execute(
        "INSERT OR REPLACE INTO build_traces(place, trace, written) VALUES(?1, ?2, ?3)", trace.Place.ToString(), trace.Bytes, _context.Now);

    private static BuildStepRecord? Find(SqliteSession session, Digest key)
    {
        var layers = session.Query("SELECT diff_id FROM build_step_layers WHERE key=?1", static row => Digest.Parse(row.Text(0)), key.ToString());
        return session.First(
            "SELECT result, size, description FROM build_steps WHERE key=?1",
            row => new BuildStepRecord(key, layers, row.Blob(0), row.Long(1), row.Text(2)),
            key.ToString());
    }
}
