using Strata.Content.Compression;
using Strata.Oci;

namespace Strata.Store.Tests;

public sealed class MaintenanceTests : StoreTest
{
    private static BuildStepRecord Step(string key, params Digest[] layers) => new(Digest.Of(System.Text.Encoding.UTF8.GetBytes(key)), layers, "r"u8.ToArray(), 10, key);

    [Fact]
    public async Task Prune_removes_what_nothing_uses_and_keeps_the_rest()
    {
        var named = await AddImage(Store, "named", "app");
        var dangling = await AddImage(Store, "dangling");
        await AddLayer(Store, ("orphan", "o"));
        var cached = await AddLayer(Store, ("cached", "c"));
        await Store.BuildCache.PutAsync(Step("RUN x", cached), Stop);
        Reopen();
        var rehearsal = await Store.Maintenance.PruneAsync(new PruneOptions { DryRun = true }, Stop);
        Assert.Equal([dangling], rehearsal.Images);
        Assert.Equal(2, Store.Images.List().Count);
        var files = FilesIn("blobs").Length;

        var pruned = await Store.Maintenance.PruneAsync(new PruneOptions(), Stop);
        Assert.Equal(rehearsal.Images, pruned.Images);
        Assert.Equal(rehearsal.Removed.OrderBy(r => r.Key), pruned.Removed.OrderBy(r => r.Key));
        Assert.Equal(2, pruned.Removed[GarbageKind.Layer].Count);
        Assert.Equal(files - 3, FilesIn("blobs").Length);
        Assert.NotNull(Store.Images.Get(named));
        Assert.NotNull(await Store.BuildCache.FindAsync(Step("RUN x").Key, Stop));
        Reopen();

        var all = await Store.Maintenance.PruneAsync(new PruneOptions { UnusedImages = true, BuildCache = true }, Stop);
        Assert.Equal([named], all.Images);
        Assert.Equal(1, all.Removed[GarbageKind.BuildStep].Count);
        Assert.Empty(FilesIn("blobs"));
        Assert.Empty(FilesIn("layers"));
        Assert.Equal(NameAction.Removed, Store.Names.History(Name("app"))[0].Action);
    }

    [Fact]
    public async Task What_another_process_uses_survives_a_prune_until_it_ends()
    {
        var dangling = await AddImage(Store, "in use");
        var layer = await AddLayer(Store, ("orphan", "o"));
        using var pruner = OpenAnother();
        Assert.Empty((await pruner.Maintenance.PruneAsync(new PruneOptions { UnusedImages = true }, Stop)).Removed);
        Assert.NotNull(Store.Images.Get(dangling));
        Assert.NotNull(await Store.Layers.OpenTarAsync(layer, Stop));
        Reopen();
        Assert.True(await Store.Layers.LeaseAsync(layer, Stop));
        Assert.Equal([dangling], (await pruner.Maintenance.PruneAsync(new PruneOptions(), Stop)).Images);
        Assert.NotNull(await Store.Layers.OpenTarAsync(layer, Stop));
        Reopen();
        Assert.Equal(1, (await pruner.Maintenance.PruneAsync(new PruneOptions(), Stop)).Removed[GarbageKind.Layer].Count);
        Assert.Empty(FilesIn("blobs"));
    }

    [Fact]
    public async Task The_lease_of_a_process_that_died_holds_nothing()
    {
        var digest = await Store.Blobs.PutAsync("x"u8.ToArray(), Stop);
        Reopen();
        const string lease = "99999999-aa";
        await System.IO.File.WriteAllTextAsync(Path.Combine(Root, "leases", lease + ".list"), digest + "\n", Stop);
        await System.IO.File.WriteAllTextAsync(Path.Combine(Root, "leases", lease + ".lock"), "", Stop);
        Assert.Equal(1, (await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Removed[GarbageKind.Blob].Count);
    }

    [Fact]
    public async Task Prune_takes_only_what_is_old_enough()
    {
        var old = await AddImage(Store, "old");
        Clock.Advance(TimeSpan.FromDays(2));
        await AddImage(Store, "new");
        Reopen();
        Assert.Equal([old], (await Store.Maintenance.PruneAsync(new PruneOptions { OlderThan = TimeSpan.FromDays(1) }, Stop)).Images);
    }

    [Fact]
    public async Task A_tar_goes_when_the_layer_is_kept_compressed_and_only_then()
    {
        var (both, alone, rotten) = (await AddLayer(Store, ("both", new string('b', 50_000))), await AddLayer(Store, ("alone", "a")), await AddLayer(Store, ("rotten", "r")));
        var id = await Store.Images.AddAsync(Config("app", both, alone, rotten).ToBytes(), Stop);
        Store.Names.Move(Name("app:v1"), id, null);
        await Store.Layers.CompressAsync(both, LayerEncoder.Default, false, Stop);
        var blob = await Store.Layers.CompressAsync(rotten, LayerEncoder.Default, false, Stop);
        System.IO.File.WriteAllText(new StoreFolders(Root).Blob(blob.Digest), "junk");
        Reopen();
        var options = new PruneOptions { RedundantTars = true };
        Assert.Empty((await Store.Maintenance.PruneAsync(new PruneOptions(), Stop)).Removed);
        Assert.True(await Store.Layers.LeaseAsync(both, Stop));
        using (var another = OpenAnother())
        {
            Assert.Empty((await another.Maintenance.PruneAsync(options, Stop)).Removed);
        }
        Reopen();
        Assert.Equal(1, (await Store.Maintenance.PruneAsync(options with { DryRun = true }, Stop)).Removed[GarbageKind.Tar].Count);
        Assert.Equal(1, (await Store.Maintenance.PruneAsync(options, Stop)).Removed[GarbageKind.Tar].Count);
        Assert.Equal((null, true, true), (Store.Blobs.Find(both), Store.Blobs.Find(alone) > 0, Store.Blobs.Find(rotten) > 0));
        Assert.False(System.IO.File.Exists(new StoreFolders(Root).Blob(both)));
        Assert.Contains("bbb", await ReadAll(await Store.Layers.OpenTarAsync(both, Stop)), StringComparison.Ordinal);
        await Store.Snapshots.EnsureAsync([both, alone], null, Stop);
    }

    [Fact]
    public async Task Without_any_body_a_tar_is_read_all_the_same_where_a_snapshot_is()
    {
        var layer = await AddLayer(Store, ("folder/", ""), ("folder/file", "content"));
        await Store.Snapshots.EnsureAsync([layer], null, Stop);
        System.IO.File.Delete(new StoreFolders(Root).Blob(layer));
        Assert.Contains("content", await ReadAll(await Store.Layers.OpenTarAsync(layer, Stop)), StringComparison.Ordinal);
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
    }

    [Fact]
    public async Task Prune_goes_by_what_was_used_last_not_by_what_came_last()
    {
        var (used, idle, young) = (await AddImage(Store, "used", "used:1"), await AddImage(Store, "idle", "idle:1"), default(Digest));
        Reopen();
        Clock.Advance(TimeSpan.FromDays(5));
        young = await AddImage(Store, "young", "young:1");
        Clock.Advance(TimeSpan.FromDays(2));
        Assert.True(await Store.Images.LeaseAsync(used, Stop));
        _ = Store.Images.Get(idle);
        _ = Store.Images.List();
        Reopen();
        Assert.Equal([idle], (await Store.Maintenance.PruneAsync(new PruneOptions { UnusedImages = true, OlderThan = TimeSpan.FromDays(6) }, Stop)).Images);
        var budget = new PruneOptions { UnusedImages = true, KeepBytes = Store.Maintenance.DiskUsage().Blobs - 1 };
        Assert.Equal([young, used], (await Store.Maintenance.PruneAsync(budget with { DryRun = true }, Stop)).Images);
        Assert.Equal([young], (await Store.Maintenance.PruneAsync(new PruneOptions { UnusedImages = true, OlderThan = TimeSpan.FromDays(1) }, Stop)).Images);
        Assert.Equal([used], Store.Images.List().Select(image => image.Id));
    }

    [Fact]
    public async Task Prune_with_a_budget_takes_what_was_used_longest_ago_and_no_more()
    {
        var images = new List<Digest>();
        for (var i = 0; i < 20; i++)
        {
            var layer = await AddLayer(Store, ($"file{i}", new string('x', 20_000 + i)));
            images.Add(await Store.Images.AddAsync(Config($"{i}", layer).ToBytes(), Stop));
            Store.Names.Move(Name($"app:{i}"), images[^1], null);
            Clock.Advance(TimeSpan.FromHours(1));
        }
        for (var i = 0; i < 20; i++)
        {
            await Store.BuildCache.PutAsync(Step($"RUN {i}", await AddLayer(Store, ($"step{i}", new string('y', 20_000 + i)))), Stop);
            Clock.Advance(TimeSpan.FromHours(1));
        }
        Reopen();
        var before = Store.Maintenance.DiskUsage().Blobs;
        var cacheOnly = new PruneOptions { BuildCache = true, KeepBytes = before - 100_000 };
        var rehearsal = await Store.Maintenance.PruneAsync(cacheOnly with { DryRun = true }, Stop);
        var pruned = await Store.Maintenance.PruneAsync(cacheOnly, Stop);
        Assert.Equal(rehearsal.BuildSteps, pruned.BuildSteps);
        Assert.Equal(8, pruned.BuildSteps.Count);
        Assert.Empty(pruned.Images);
        Assert.All(Enumerable.Range(0, 8), i => Assert.DoesNotContain(Store.BuildCache.List(), step => step.Key == Step($"RUN {i}").Key));
        Assert.InRange(Store.Maintenance.DiskUsage().Blobs, 0, before - 100_000);

        var all = await Store.Maintenance.PruneAsync(new PruneOptions { BuildCache = true, UnusedImages = true, KeepBytes = 300_000 }, Stop);
        Assert.Equal(12, all.BuildSteps.Count);
        Assert.Equal(images[..all.Images.Count], all.Images);
        Assert.InRange(all.Images.Count, 1, 19);
        Assert.Equal(all.Images.Count, all.Untagged.Count);
        Assert.InRange(Store.Maintenance.DiskUsage().Blobs, 1, 300_000);
        Assert.Equal(0, (await Store.Maintenance.PruneAsync(new PruneOptions { BuildCache = true, UnusedImages = true, KeepBytes = 300_000 }, Stop)).Bytes);
    }

    /// <param name="all">As <c>prune --all</c>, else as without.</param>
    /// <param name="keeps">Budgets, one after the other; -1 is none.</param>
    [Theory]
    [InlineData(false, -1L)]
    [InlineData(true, -1L)]
    [InlineData(false, 900_000L, 650_000L, 500_000L, 0L)]
    [InlineData(true, 780_000L, 700_000L, 650_000L, 300_000L, 150_000L, 0L)]
    public async Task A_dry_run_removes_nothing_and_tells_what_the_prune_then_removes(bool all, params long[] keeps)
    {
        for (var i = 0; i < 10; i++)
        {
            var layer = await AddLayer(Store, ($"file{i}", new string('x', 50_000 + i)));
            var id = await Store.Images.AddAsync(Config($"{i}", layer).ToBytes(), Stop);
            // What has no name goes first, and its tar is no tar that could go by itself.
            if (i % 5 != 0)
            {
                Store.Names.Move(Name($"app:{i}"), id, null);
            }
            if (i % 2 == 0)
            {
                await Store.Manifests.PackAsync(id, LayerEncoder.Default, Stop);
            }
            Clock.Advance(TimeSpan.FromHours(1));
            await Store.BuildCache.PutAsync(Step($"RUN {i}", await AddLayer(Store, ($"step{i}", new string('y', 40_000 + i)))), Stop);
        }
        Reopen();
        var atFirst = Store.Maintenance.DiskUsage().Blobs;
        foreach (var keep in keeps)
        {
            long? budget = keep < 0 ? null : keep;
            var extras = all || budget is not null;
            var options = new PruneOptions { UnusedImages = all, BuildCache = extras, Snapshots = extras, RedundantTars = extras, KeepBytes = budget };
            var (usage, files, images) = (Store.Maintenance.DiskUsage(), FilesIn("blobs").Concat(FilesIn("layers")).Order().ToList(), Store.Images.List().Count);
            var rehearsal = await Store.Maintenance.PruneAsync(options with { DryRun = true }, Stop);
            Assert.Equal((usage.Blobs, images), (Store.Maintenance.DiskUsage().Blobs, Store.Images.List().Count));
            Assert.Equal(files, FilesIn("blobs").Concat(FilesIn("layers")).Order());

            var pruned = await Store.Maintenance.PruneAsync(options, Stop);
            Assert.Equal(rehearsal.Removed.OrderBy(kind => kind.Key), pruned.Removed.OrderBy(kind => kind.Key));
            Assert.Equal(rehearsal.Images, pruned.Images);
            Assert.Equal(rehearsal.BuildSteps, pruned.BuildSteps);
            Assert.Equal(rehearsal.Untagged, pruned.Untagged);
            Assert.Equal(usage.Blobs - Store.Maintenance.DiskUsage().Blobs, pruned.Bytes - (pruned.Removed.TryGetValue(GarbageKind.Manifest, out var rows) ? rows.Bytes : 0));
        }
        Assert.InRange(Store.Maintenance.DiskUsage().Blobs, 0, atFirst - 80_000);
    }

    [Fact]
    public async Task What_an_interrupted_removal_left_is_counted_and_gone_with_the_next_prune()
    {
        await AddImage(Store, "1", "app");
        Reopen();
        var stray = Path.Combine(Root, "blobs", "sha256", new string('0', 64));
        await System.IO.File.WriteAllTextAsync(stray, new string('?', 5000), Stop);
        await System.IO.File.WriteAllTextAsync(Path.Combine(Root, "leases", "4194999-aa.lock"), "", Stop);
        var pruned = await Store.Maintenance.PruneAsync(new PruneOptions(), Stop);
        Assert.Equal(new PruneCount(1, 5000), pruned.Removed[GarbageKind.Temporary]);
        Assert.False(System.IO.File.Exists(stray));
    }

    [Fact]
    public async Task A_removal_says_that_it_is_at_work_so_that_what_it_leaves_is_looked_for()
    {
        await AddImage(Store, "1", "app");
        Reopen();
        await Store.Maintenance.RemoveImageAsync("app", force: false, Stop);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(Root, "leases"), "*.lock"));
    }

    [Fact]
    public async Task What_an_image_shares_and_has_alone_is_told_for_each()
    {
        var shared = await AddLayer(Store, ("shared", new string('s', 10_000)));
        var own = await AddLayer(Store, ("own", new string('o', 20_000)));
        var one = await Store.Images.AddAsync(Config("1", shared).ToBytes(), Stop);
        var two = await Store.Images.AddAsync(Config("2", shared, own).ToBytes(), Stop);
        await Store.BuildCache.PutAsync(Step("RUN x", own), Stop);
        var usage = Store.Maintenance.ImageUsage().ToDictionary(image => image.Image.Id);
        Assert.Equal(0, usage[one].Unique);
        Assert.InRange(usage[one].Shared, 10_000, 13_000);
        Assert.Equal(usage[one].Shared, usage[two].Shared);
        Assert.InRange(usage[two].Unique, 20_000, 23_000);
        var step = Assert.Single(Store.Maintenance.BuildStepUsage());
        Assert.Equal((true, usage[two].Unique), (step.Shared, step.Bytes));
    }

    [Fact]
    public void A_prune_of_what_is_younger_than_now_is_refused() =>
        Assert.Contains("zero or more", Assert.Throws<ArgumentOutOfRangeException>(() => new PruneOptions { OlderThan = TimeSpan.FromHours(-1) }).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Prune_beside_writers_breaks_nothing()
    {
        using var pruner = OpenAnother();
        using var done = new CancellationTokenSource();
        var pruning = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await pruner.Maintenance.PruneAsync(new PruneOptions { BuildCache = true }, Stop);
            }
        });
        for (var round = 0; round < 15; round++)
        {
            using var writer = OpenAnother();
            var id = await AddImage(writer, $"{round % 5}", $"app:{round % 3}");
            Assert.NotNull(writer.Images.Get(id));
            foreach (var layer in writer.Images.Get(id)!.Layers)
            {
                await using var tar = await writer.Layers.OpenTarAsync(layer, Stop);
                await tar!.CopyToAsync(Stream.Null, Stop);
            }
        }
        await done.CancelAsync();
        await pruning;
        Assert.Empty(await pruner.Maintenance.VerifyAsync(false, null, Stop));
    }

    [Fact]
    public async Task Disk_usage_counts_shared_layers_once_and_says_what_can_go()
    {
        var shared = await AddLayer(Store, ("shared", new string('s', 10_000)));
        await Store.Images.AddAsync(Config("1", shared).ToBytes(), Stop);
        await Store.Images.AddAsync(Config("2", shared).ToBytes(), Stop);
        var cached = await AddLayer(Store, ("cached", new string('c', 20_000)));
        await Store.BuildCache.PutAsync(Step("RUN x", cached), Stop);
        var usage = Store.Maintenance.DiskUsage();
        Assert.Equal((2, 0), (usage.Images.Count, usage.Images.Active));
        Assert.InRange(usage.Images.Size, 10_000, 13_000);
        Assert.Equal(usage.Images.Size, usage.Images.Reclaimable);
        Assert.Equal(1, usage.BuildCache.Count);
        Assert.InRange(usage.BuildCache.Reclaimable, 20_000, 23_000);
    }

    [Fact]
    public async Task Verify_finds_a_flipped_byte_and_repair_lets_a_pull_heal_it()
    {
        var id = await AddImage(Store, "1", "app");
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
        var layer = Store.Images.Get(id)!.Layers[0];
        var path = FilesIn("blobs").Single(file => file.EndsWith(layer.Hex, StringComparison.Ordinal));
        var bytes = await System.IO.File.ReadAllBytesAsync(path, Stop);
        bytes[700] ^= 1;
        await System.IO.File.WriteAllBytesAsync(path, bytes, Stop);
        Assert.Equal([new VerifyFinding.BlobDamaged(layer, Digest.Of(bytes))], await Store.Maintenance.VerifyAsync(false, null, Stop));

        var repaired = await Store.Maintenance.VerifyAsync(true, null, Stop);
        Assert.Contains(new VerifyFinding.LayerLost(layer), repaired);
        Assert.Equal([layer], repaired.OfType<VerifyFinding.ImageIncomplete>().Single().Missing);
        Reopen();
        Assert.False(await Store.Blobs.LeaseAsync(layer, Stop));
        bytes[700] ^= 1;
        await Store.Blobs.PutAsync(bytes, Stop);
        await Store.Layers.AddCompressedAsync(layer, Describe(bytes, MediaTypes.OciLayerTar), Stop);
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
    }

    [Fact]
    public async Task Verify_finds_missing_files_strays_and_damaged_indexes()
    {
        var id = await AddImage(Store, "1", "app");
        var layer = Store.Images.Get(id)!.Layers[0];
        System.IO.File.Delete(FilesIn("blobs").Single(file => file.EndsWith(id.Hex, StringComparison.Ordinal)));
        await System.IO.File.WriteAllTextAsync(Assert.Single(FilesIn("layers")), "junk", Stop);
        var stray = Path.Combine(Root, "blobs", "sha256", new string('0', 64));
        await System.IO.File.WriteAllTextAsync(stray, "?", Stop);
        var findings = await Store.Maintenance.VerifyAsync(false, null, Stop);
        Assert.Equal(
            [new VerifyFinding.BlobMissing(id), new VerifyFinding.IndexDamaged(layer), new VerifyFinding.Stray(stray)],
            findings);
        await Store.Maintenance.VerifyAsync(true, null, Stop);
        Assert.False(System.IO.File.Exists(stray));
    }

    [Fact]
    public async Task A_build_step_is_found_again_and_its_trace()
    {
        var layer = await AddLayer(Store, ("a", "1"));
        await Store.BuildCache.PutAsync(Step("RUN a", layer), Stop);
        await Store.BuildCache.PutTraceAsync(Step("place").Key, "why"u8.ToArray(), Stop);
        Clock.Advance(TimeSpan.FromHours(1));
        Reopen();
        var found = await Store.BuildCache.FindAsync(Step("RUN a").Key, Stop);
        Assert.Equal([layer], found!.Layers);
        Assert.Equal("r"u8.ToArray(), found.Result.ToArray());
        Assert.Equal("why"u8.ToArray(), Store.BuildCache.FindTrace(Step("place").Key)!.Value.ToArray());
        Assert.Null(await Store.BuildCache.FindAsync(Step("RUN b").Key, Stop));
        await Store.BuildCache.TouchAsync([Step("RUN a").Key], Stop);
        var summary = Assert.Single(Store.BuildCache.List());
        Assert.Equal(TimeSpan.FromHours(1), summary.LastUsed - summary.Created);
        Clock.Advance(TimeSpan.FromDays(91));
        await Store.Maintenance.PruneAsync(new PruneOptions(), Stop);
        Assert.Null(Store.BuildCache.FindTrace(Step("place").Key));
    }

    [Fact]
    public async Task Only_one_leads_a_step_at_a_time()
    {
        using var other = OpenAnother();
        var key = Step("k").Key;
        var inside = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            await using var leader = await (i % 2 == 0 ? Store : other).BuildCache.AcquireLeaderAsync(key, Stop);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        })));
    }
}
