using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// Layers as directories, ready to be lower directories of an overlay mount: made when they are needed, shared by all builds and containers,
/// never changed, and disposable. What is given out is leased: it stays as long as this store is open.
/// </summary>
public sealed class SnapshotStore
{
    /// <summary>By then the kernel has written nearly all by itself, and making sure is cheap.</summary>
    private const long SettledAfter = 60_000;
    private const long TouchEvery = 3_600_000;
    private readonly StoreContext _context;
    private readonly LayerStore _layers;
    private readonly Lazy<string> _boot = new(ThisBoot);

    internal SnapshotStore(StoreContext context, LayerStore layers) => (_context, _layers) = (context, layers);

    /// <summary>The directories of a stack, lowest first, each once. What is missing is made, several layers at a time.</summary>
    /// <exception cref="StoreException">A layer is not in the store, or the disk is full.</exception>
    /// <param name="diffIds">The stack, lowest first.</param>
    /// <param name="progress">Told of each layer that has to be unpacked, from several threads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<string>> EnsureAsync(IReadOnlyList<Digest> diffIds, IProgress<LayerUnpacking>? progress, CancellationToken cancellationToken)
    {
        _context.Leases.Begin();
        using var work = new SnapshotWork(_context, _layers, diffIds, _boot.Value) { Progress = progress };
        var found = await FindAllAsync(diffIds, work.Chain, cancellationToken);
        var records = await work.RunAsync(found, cancellationToken);
        await MarkAsync(records, cancellationToken);
        // The same layer twice in a stack adds nothing below, and the kernel refuses the same directory twice: the upper one stays.
        return [.. records.Select(record => _context.Folders.SnapshotTree(record.Id)).Reverse().Distinct(StringComparer.Ordinal).Reverse()];
    }

    /// <summary>
    /// Takes over the upper directory of an overlay mount as the snapshot of the layer that was made of it: the topmost of
    /// <paramref name="diffIds"/>. The directory is moved, so it must lie on the store's file system and be mounted no more.
    /// False when there is such a snapshot already; then the directory is left where it is.
    /// </summary>
    public async Task<bool> AdoptAsync(IReadOnlyList<Digest> diffIds, string upperDirectory, CancellationToken cancellationToken)
    {
        var (top, chain) = (diffIds[^1], ChainId.Of(diffIds)[^1]);
        var index = await _layers.OpenIndexAsync(top, cancellationToken);
        await using var only = await _context.Locks.AcquireAsync("snapshot", top.ToString(), cancellationToken);
        if (_context.Database.Read(s => SnapshotRecord.Find(s, top, chain, _context.Options.Flavor)) is not null)
        {
            return false;
        }
        using var pending = new PendingSnapshot(_context, makeTree: false);
        Directory.Move(upperDirectory, pending.Tree);
        await pending.PublishAsync(index, chain, _boot.Value, cancellationToken);
        return true;
    }

    /// <summary>A new, empty directory on the file system of the snapshots, for a mount's upper and work directories; removed when disposed.</summary>
    public ScratchDirectory CreateScratch()
    {
        _context.Leases.Begin();
        return new ScratchDirectory(PendingSnapshot.NewFolder(_context.Folders));
    }

    internal static string ThisBoot() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    private async Task<SnapshotRecord?[]> FindAllAsync(IReadOnlyList<Digest> diffIds, IReadOnlyList<Digest> chain, CancellationToken cancellationToken)
    {
        using var shared = await _context.Collection.SharedAsync(cancellationToken);
        var found = _context.Database.ReadTogether(s => diffIds.Select((diffId, i) => SnapshotRecord.Find(s, diffId, chain[i], _context.Options.Flavor)).ToArray());
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is { } record && !SnapshotWork.IsUsable(_context, record, _boot.Value))
            {
                found[i] = null;
            }
        }
        _context.Leases.Use([.. found.OfType<SnapshotRecord>().Select(record => record.LeaseName)]);
        return found;
    }

    private async Task MarkAsync(IReadOnlyList<SnapshotRecord> records, CancellationToken cancellationToken)
    {
        var now = _context.Now;
        var settled = records.Where(r => !r.Synced && now - r.Created > SettledAfter).ToList();
        if (settled.Count > 0)
        {
            await Task.Run(() => Durable.SyncFileSystem(_context.Folders.Snapshots), cancellationToken);
        }
        var touched = records.Where(r => now - r.LastUsed > TouchEvery).Except(settled).ToList();
        if (settled.Count + touched.Count > 0)
        {
            await _context.Database.WriteAsync(
                session =>
                {
                    settled.ForEach(r => session.Execute("UPDATE snapshots SET synced=1, last_used=?2 WHERE directory=?1", r.Id, now));
                    touched.ForEach(r => session.Execute("UPDATE snapshots SET last_used=?2 WHERE directory=?1", r.Id, now));
                    return true;
                },
                cancellationToken);
        }
    }
}
