using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// Makes the missing snapshots of one stack. Layers are begun in order, a few at a time; one that needs to know what lies below it waits
/// only for layers that this work holds the lock of, and reads the others itself: so nobody waits in a circle.
/// </summary>
internal sealed class SnapshotWork : IDisposable
{
    private readonly StoreContext _context;
    private readonly LayerStore _layers;
    private readonly IReadOnlyList<Digest> _diffIds;
    private readonly string _boot;
    private readonly TaskCompletionSource<LayerIndex>?[] _underWay;
    private readonly CancellationTokenSource _stop = new();

    public SnapshotWork(StoreContext context, LayerStore layers, IReadOnlyList<Digest> diffIds, string boot)
    {
        (_context, _layers, _diffIds, _boot) = (context, layers, diffIds, boot);
        Chain = ChainId.Of(diffIds);
        _underWay = new TaskCompletionSource<LayerIndex>?[diffIds.Count];
    }

    public IReadOnlyList<Digest> Chain { get; }

    public IProgress<LayerUnpacking>? Progress { get; init; }

    /// <summary>After another boot only what was certainly on the disk counts; and what somebody removed by hand is gone.</summary>
    public static bool IsUsable(StoreContext context, SnapshotRecord record, string boot) =>
        (record.Synced || record.Boot == boot) && Directory.Exists(context.Folders.SnapshotTree(record.Id));

    public async Task<IReadOnlyList<SnapshotRecord>> RunAsync(SnapshotRecord?[] found, CancellationToken cancellationToken)
    {
        if (Array.TrueForAll(found, record => record is not null))
        {
            return found!;
        }
        using var registration = cancellationToken.Register(_stop.Cancel);
        using var slots = new SemaphoreSlim(Math.Max(2, Environment.ProcessorCount));
        var tasks = new Task<SnapshotRecord>[found.Length];
        for (var i = 0; i < found.Length; i++)
        {
            tasks[i] = found[i] is { } record ? Task.FromResult(record) : MakeInTurnAsync(i, slots);
        }
        // Of several ends it tells a failure, not the others that were stopped by it.
        return await Task.WhenAll(tasks);
    }

    public void Dispose() => _stop.Dispose();

    private async Task<SnapshotRecord> MakeInTurnAsync(int position, SemaphoreSlim slots)
    {
        // Taken in order: the semaphore serves those who wait first in, first out.
        await slots.WaitAsync(_stop.Token);
        try
        {
            return await MakeAsync(position);
        }
        catch
        {
            await _stop.CancelAsync();
            throw;
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<SnapshotRecord> MakeAsync(int position)
    {
        var diffId = _diffIds[position];
        await using var only = await _context.Locks.AcquireAsync("snapshot", diffId.ToString(), _stop.Token);
        if (_context.Database.Read(s => SnapshotRecord.Find(s, diffId, Chain[position], _context.Options.Flavor)) is { } existing)
        {
            if (IsUsable(_context, existing, _boot)
                && await _context.LeaseAsync(existing.LeaseName, s => s.Any("SELECT 1 FROM snapshots WHERE directory=?1", existing.Id), _stop.Token))
            {
                return existing;
            }
            await _context.Database.WriteAsync(s => s.Execute("DELETE FROM snapshots WHERE directory=?1", existing.Id), _stop.Token);
            HostFile.RemoveTree(_context.Folders.Snapshot(existing.Id));
        }
        var underWay = new TaskCompletionSource<LayerIndex>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _underWay[position], underWay);
        try
        {
            using var pending = new PendingSnapshot(_context, makeTree: true);
            var index = await ExtractAsync(position, pending.Tree);
            underWay.SetResult(index);
            var record = await pending.PublishAsync(index, Chain[position], _boot, _stop.Token);
            Progress?.Report(new LayerUnpacking(diffId, index.TarSize, IsDone: true));
            return record;
        }
        catch
        {
            underWay.TrySetCanceled();
            throw;
        }
    }

    private async Task<LayerIndex> ExtractAsync(int position, string tree)
    {
        var diffId = _diffIds[position];
        var known = await _layers.TryLoadIndexAsync(diffId, _stop.Token);
        Progress?.Report(new LayerUnpacking(diffId, known?.TarSize, IsDone: false));
        var isFirst = true;
        return await _layers.FromAnyBodyAsync(
            diffId,
            async body =>
            {
                if (!isFirst)
                {
                    HostFile.RemoveTree(tree);
                    Directory.CreateDirectory(tree);
                }
                isFirst = false;
                var index = await Task.Run(() => ExtractBody(position, body, known, tree), _stop.Token);
                if (known is not null && index.DiffId == diffId)
                {
                    return known;
                }
                await _layers.AcceptIndexAsync(diffId, body, index, _stop.Token);
                return index;
            },
            _stop.Token);
    }

    private LayerIndex ExtractBody(int position, LayerBody body, LayerIndex? known, string tree)
    {
        var options = new ExtractOptions
        {
            Devices = false,
            Flavor = _context.Options.Flavor,
            Privileged = _context.Options.Privileged,
            Lower = () => Below(position),
        };
        try
        {
            if (known is not null && body.IsTarOf(known.DiffId) && IndexedExtractor.CanExtract(known))
            {
                using var file = _layers.OpenTarFile(known.DiffId);
                IndexedExtractor.Extract(known, file, tree, options, _stop.Token);
                return known;
            }
            using var tar = _layers.OpenBody(body);
            return LayerExtractor.Extract(tar, tree, options, _stop.Token);
        }
        catch (IOException e) when (StoreException.IsFull(e))
        {
            throw StoreException.Full(_context.Folders.Root, e);
        }
    }

    private MergedTree Below(int position)
    {
        var indexes = new LayerIndex[position];
        for (var i = 0; i < position; i++)
        {
            // The extractor asks from its own thread, which has nothing to do until it knows.
            indexes[i] = IndexBelowAsync(i).GetAwaiter().GetResult();
        }
        return MergedTree.Of(indexes);
    }

    private async Task<LayerIndex> IndexBelowAsync(int position)
    {
        var diffId = _diffIds[position];
        if (Volatile.Read(ref _underWay[position]) is { } underWay)
        {
            return await underWay.Task.WaitAsync(_stop.Token);
        }
        return await _layers.TryLoadIndexAsync(diffId, _stop.Token)
            ?? await _layers.MakeIndexAsync(diffId, _stop.Token);
    }
}
