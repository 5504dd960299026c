using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Store;

/// <summary>Removing images, pruning, disk usage, verification.</summary>
public sealed class StoreMaintenance
{
    /// <summary>Notes of builds that were written longer ago are forgotten: a file is hashed again, a miss is told without its reason.</summary>
    private static readonly TimeSpan NotesLast = TimeSpan.FromDays(90);
    private readonly StoreContext _context;
    private readonly NameStore _names;
    private readonly BlobStore _blobs;
    private readonly LayerStore _layers;
    private readonly Collector _collector;

    internal StoreMaintenance(StoreContext context, NameStore names, BlobStore blobs, LayerStore layers)
    {
        (_context, _names, _blobs, _layers) = (context, names, blobs, layers);
        _collector = new Collector(context);
    }

    /// <summary>
    /// Removes a name, and with an image's last name the image, with all that nothing else uses. Named by id, the image goes with its names.
    /// </summary>
    /// <param name="text">A name, an id or its beginning, a digest.</param>
    /// <param name="force">Also when the image has names in several repositories, or containers (these keep it, without a name).</param>
    /// <param name="cancellationToken">What was removed by then stays removed.</param>
    public async Task<RemoveResult> RemoveImageAsync(string text, bool force, CancellationToken cancellationToken)
    {
        if (_context.IsThere)
        {
            // Says that somebody is at work: who finds us dead looks for what we left.
            _context.Leases.Begin();
        }
        var (result, parts) = await _context.RemoveAsync(session => ImageRemoval.Run(session, _names, text, force), cancellationToken);
        if (result is not RemoveResult.Removed removed || parts is null)
        {
            return result;
        }
        var only = JsonArray.Of(parts);
        var gone = await _collector.RunAsync(
            [.. GarbageRules.Content.Select(rule => rule with { Only = only })], long.MaxValue, long.MaxValue, rehearse: false, cancellationToken);
        return new RemoveResult.Removed(
            [.. removed.Items, .. gone.Where(g => g.Kind == GarbageKind.Layer).Select(g => new RemovedItem.Deleted(Digest.Parse(g.Key)))]);
    }

    /// <summary>Removes what is not used. Content that any process has leased stays.</summary>
    public async Task<PruneResult> PruneAsync(PruneOptions options, CancellationToken cancellationToken)
    {
        if (!_context.IsThere)
        {
            return PruneResult.Nothing;
        }
        if (!options.DryRun)
        {
            _context.Reserve.Release();
            // Sweeps, and so does the end of a process that has begun: what only looks does not begin.
            _context.Leases.Begin();
        }
        // First, as it takes no room in the database.
        var left = Sweep.RunFully(_context.Folders, options.DryRun) + await Strays.CollectIfNotedAsync(_context, options.DryRun, cancellationToken);
        var before = options.OlderThan > TimeSpan.Zero ? _context.Now - (long)options.OlderThan.TotalMilliseconds : long.MaxValue;
        var untagged = new List<Reference>();
        var rules = RulesOf(options, untagged.Add);
        var budget = options.KeepBytes ?? long.MaxValue;
        var garbage = new List<Garbage>();
        if (rules.FindIndex(rule => rule.Kind == GarbageKind.Tar) is >= 0 and var tars)
        {
            // Which tars may go is known when what would remain has been read, and that is done with nothing locked.
            var first = await _collector.RunAsync(rules[..tars], before, budget, options.DryRun, cancellationToken);
            rules[tars] = rules[tars] with { Only = JsonArray.Of(await FindTarsAsync(before, options, first, cancellationToken)) };
            if (!options.DryRun)
            {
                garbage = first;
                rules.RemoveRange(0, tars);
            }
        }
        garbage.AddRange(await _collector.RunAsync(rules, before, budget, options.DryRun, cancellationToken));
        if (!options.DryRun)
        {
            await ForgetNotesAsync(options.BuildCache && options.KeepBytes is null ? before : _context.Now - (long)NotesLast.TotalMilliseconds, cancellationToken);
        }
        return PruneResult.Of(garbage, untagged, left);
    }

    /// <param name="before">Only what was added before.</param>
    /// <param name="options">What is pruned.</param>
    /// <param name="first">What went before the tars, or would have gone.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    private Task<IReadOnlyList<string>> FindTarsAsync(long before, PruneOptions options, List<Garbage> first, CancellationToken cancellationToken)
    {
        var bytes = options.KeepBytes is { } most
            ? _context.Database.Read(Collector.SizeOf) - (options.DryRun ? Collection.SizeOf(first) : 0) - most
            : long.MaxValue;
        return new RedundantTars(_context, _layers).FindAsync(before, bytes, [.. first.Select(garbage => garbage.Key)], cancellationToken);
    }

    private List<GarbageRule> RulesOf(PruneOptions options, Action<Reference> untagged)
    {
        var rules = new List<GarbageRule>();
        if (options.DanglingImages)
        {
            rules.Add(GarbageRules.DanglingImages);
        }
        rules.AddRange(GarbageRules.Content);
        // What can be made again most cheaply goes first.
        if (options.RedundantTars)
        {
            rules.Add(Budgeted(RedundantTars.Rule, "added"));
        }
        if (options.Snapshots)
        {
            rules.Add(Budgeted(GarbageRules.IdleSnapshots, "last_used"));
        }
        if (options.BuildCache)
        {
            rules.Add(Budgeted(GarbageRules.BuildSteps, "last_used"));
        }
        if (options.UnusedImages)
        {
            rules.Add(Budgeted(GarbageRules.UnusedImages(_names, untagged), "coalesce(last_used, added)"));
        }
        return [.. rules, .. GarbageRules.Content];

        GarbageRule Budgeted(GarbageRule rule, string leastRecent) => options.KeepBytes is null ? rule : rule with { LeastRecent = leastRecent };
    }

    private Task ForgetNotesAsync(long before, CancellationToken cancellationToken) => _context.RemoveAsync(
        session => session.Execute("DELETE FROM file_hashes WHERE written<?1", before)
            + session.Execute("DELETE FROM build_traces WHERE written<?1", before),
        cancellationToken);

    /// <summary>Every image with what it takes, the latest first.</summary>
    public IReadOnlyList<ImageUsage> ImageUsage() => _context.Database.ReadTogether(DiskUsageReading.ReadImages);

    /// <summary>Every result of the build cache, the one used last first.</summary>
    public IReadOnlyList<BuildStepUsage> BuildStepUsage() => _context.Database.ReadTogether(DiskUsageReading.ReadBuildSteps);

    public DiskUsage DiskUsage() => _context.Database.ReadTogether(session => DiskUsageReading.Read(session, _context.Folders));

    /// <summary>
    /// Reads everything and compares: blobs with their digests, rows with files, indexes with tars, snapshots with indexes, images with their parts. With
    /// <paramref name="repair"/>, what is damaged is made again from what is here; what can't be is forgotten, so that a pull or a build brings it.
    /// </summary>
    /// <param name="repair">Whether to change anything.</param>
    /// <param name="progress">Told of each thing read; from several threads.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<VerifyFinding>> VerifyAsync(bool repair, IProgress<VerifyProgress>? progress, CancellationToken cancellationToken) =>
        VerifyAsync(repair, null, progress, cancellationToken);

    /// <summary>As a verification with repair; what can't be made again is fetched from where it came.</summary>
    /// <param name="origins">Opens a repository to read from.</param>
    /// <param name="progress">Told of each thing read; from several threads.</param>
    /// <param name="cancellationToken">What is repaired by then stays so.</param>
    public Task<IReadOnlyList<VerifyFinding>> RepairAsync(
        Func<Reference, IImageReader> origins, IProgress<VerifyProgress>? progress, CancellationToken cancellationToken) =>
        VerifyAsync(repair: true, origins, progress, cancellationToken);

    private async Task<IReadOnlyList<VerifyFinding>> VerifyAsync(
        bool repair, Func<Reference, IImageReader>? origins, IProgress<VerifyProgress>? progress, CancellationToken cancellationToken)
    {
        if (!_context.IsThere)
        {
            return [];
        }
        try
        {
            // What a process left that was killed is no damage: it goes first.
            _context.Leases.Begin();
            Strays.CollectIfNoted(_context);
        }
        catch (StoreException e) when (e.IsReadOnly && !repair)
        {
            // It can be looked at all the same.
        }
        return await new Verification(_context, new Restoration(_context, _blobs, _layers, origins), progress).RunAsync(repair, cancellationToken);
    }
}
