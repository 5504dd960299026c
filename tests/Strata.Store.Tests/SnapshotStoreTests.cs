using Strata.Linux;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Store.Tests;

public sealed class SnapshotStoreTests : StoreTest
{
    private async Task<Digest> AddPulled(params (string, string)[] files)
    {
        var (diffId, blob) = Compressed(files);
        await Store.Blobs.PutAsync(Describe(blob), new MemoryStream(blob), Stop);
        await Store.Layers.AddCompressedAsync(diffId, Describe(blob), Stop);
        return diffId;
    }

    [Fact]
    public async Task A_stack_becomes_directories_lowest_first_once()
    {
        Privileges.NeedRoot();
        Digest[] stack = [await AddPulled(("etc/", ""), ("etc/a", "low")), await AddPulled(("-etc/a", ""), ("etc/b", "high"))];
        var first = await Store.Snapshots.EnsureAsync(stack, null, Stop);
        Assert.Equal("low", await System.IO.File.ReadAllTextAsync(Path.Combine(first[0], "etc/a"), Stop));
        Assert.Equal("high", await System.IO.File.ReadAllTextAsync(Path.Combine(first[1], "etc/b"), Stop));
        Assert.Equal(FileKind.CharacterDevice, HostFile.Status(Path.Combine(first[1], "etc/a"), follow: false)!.Value.Kind);
        Assert.Equal(2, FilesIn("layers").Length);
        using var other = OpenAnother();
        Assert.Equal(first, await other.Snapshots.EnsureAsync(stack, null, Stop));
        Assert.Empty(await Store.Snapshots.EnsureAsync([], null, Stop));
    }

    [Fact]
    public async Task A_self_contained_layer_is_shared_by_stacks_and_another_is_not()
    {
        Privileges.NeedRoot();
        var (one, two) = (await AddPulled(("one", "1")), await AddPulled(("two", "2")));
        var alone = await AddPulled(("dir/", ""), ("dir/file", "x"));
        var leaning = await AddPulled(("-gone", ""), ("x", "y"));
        var left = await Store.Snapshots.EnsureAsync([one, alone, leaning], null, Stop);
        var right = await Store.Snapshots.EnsureAsync([two, alone, leaning], null, Stop);
        Assert.Equal(left[1], right[1]);
        Assert.NotEqual(left[2], right[2]);
        // The same layer twice: the kernel takes a directory once only.
        Assert.Equal([left[1], left[0]], await Store.Snapshots.EnsureAsync([one, alone, one], null, Stop));
    }

    [Fact]
    public async Task Several_that_want_the_same_stack_at_once_make_it_once()
    {
        Privileges.NeedRoot();
        var stack = new List<Digest>();
        for (var i = 0; i < 6; i++)
        {
            stack.Add(await AddPulled(($"-w{i}", ""), ($"x{i}", new string('x', 10_000))));
        }
        using var other = OpenAnother();
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? Store : other).Snapshots.EnsureAsync(stack, null, Stop)));
        Assert.All(all, directories => Assert.Equal(all[0], directories));
        Assert.Equal(6, Directory.EnumerateDirectories(Path.Combine(Root, "snapshots")).Count());
    }

    [Fact]
    public async Task A_layer_that_lies_stops_the_work_and_leaves_no_directory()
    {
        Privileges.NeedRoot();
        var (_, blob) = Compressed(("a", "evil"));
        var (promised, _) = Compressed(("a", "good"));
        await Store.Blobs.PutAsync(Describe(blob), new MemoryStream(blob), Stop);
        await Store.Layers.AddCompressedAsync(promised, Describe(blob), Stop);
        await Assert.ThrowsAsync<LayerMismatchException>(() => Store.Snapshots.EnsureAsync([promised], null, Stop));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Root, "snapshots")));
        await Assert.ThrowsAsync<StoreException>(() => Store.Snapshots.EnsureAsync([Digest.Of("none"u8)], null, Stop));
    }

    [Theory]
    [InlineData("rm -r bin", "/bin")]
    [InlineData("rm bin/tool", "/bin/tool is gone")]
    [InlineData("printf toul > bin/tool", "/bin/tool holds other bytes")]
    [InlineData("printf more >> bin/tool", "/bin/tool has another size")]
    [InlineData("chmod 600 bin/tool", "/bin/tool has other permissions")]
    [InlineData("chown 7:7 bin/tool", "/bin/tool has another owner")]
    [InlineData("rm bin/tool && mkdir bin/tool", "/bin/tool is of another kind")]
    public async Task A_damaged_snapshot_is_found_and_made_again_after_a_repair(string damage, string what)
    {
        Privileges.NeedRoot();
        var stack = new[] { await AddPulled(("bin/", ""), ("bin/tool", "tool"), ("large", new string('x', 300_000))), await AddPulled(("-large", ""), ("x", "y")) };
        var trees = await Store.Snapshots.EnsureAsync(stack, null, Stop);
        var reports = new List<VerifyProgress>();
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, new Told(reports), Stop));
        Assert.Equal(reports.Max(report => report.Done), reports[0].Total);
        using (var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", damage]) { WorkingDirectory = trees[0] })!)
        {
            await shell.WaitForExitAsync(Stop);
            Assert.Equal(0, shell.ExitCode);
        }
        var finding = Assert.IsType<VerifyFinding.SnapshotDamaged>(Assert.Single(await Store.Maintenance.VerifyAsync(false, null, Stop)));
        Assert.False(finding.IsHarmless);
        Assert.Equal(trees[0], finding.Path);
        Assert.StartsWith(what, finding.What, StringComparison.Ordinal);

        // Another process is about to mount it.
        using (var other = OpenAnother())
        {
            Assert.True(Assert.IsType<VerifyFinding.SnapshotDamaged>(Assert.Single(await other.Maintenance.VerifyAsync(true, null, Stop))).IsInUse);
            Assert.True(Directory.Exists(trees[0]));
        }
        Reopen();
        Assert.False(Assert.IsType<VerifyFinding.SnapshotDamaged>(Assert.Single(await Store.Maintenance.VerifyAsync(true, null, Stop))).IsInUse);
        Assert.False(Directory.Exists(trees[0]));
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
        var again = await Store.Snapshots.EnsureAsync(stack, null, Stop);
        Assert.NotEqual(trees[0], again[0]);
        Assert.Equal(trees[1], again[1]);
        Assert.Equal("tool", await System.IO.File.ReadAllTextAsync(Path.Combine(again[0], "bin/tool"), Stop));
    }

    private sealed class Told(List<VerifyProgress> reports) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value)
        {
            lock (reports)
            {
                reports.Add(value);
            }
        }
    }

    [Fact]
    public async Task A_snapshot_that_was_not_synced_before_another_boot_is_made_again()
    {
        Privileges.NeedRoot();
        var stack = new[] { await AddPulled(("a", "1")) };
        var first = await Store.Snapshots.EnsureAsync(stack, null, Stop);
        Boot("another");
        Reopen();
        var second = await Store.Snapshots.EnsureAsync(stack, null, Stop);
        Assert.NotEqual(first, second);
        Assert.False(Directory.Exists(first[0]));
        // Once it's old enough it is synced, and outlives a boot.
        Clock.Advance(TimeSpan.FromMinutes(2));
        await Store.Snapshots.EnsureAsync(stack, null, Stop);
        Boot("a third");
        Reopen();
        Assert.Equal(second, await Store.Snapshots.EnsureAsync(stack, null, Stop));
    }

    [Fact]
    public async Task An_upper_directory_is_taken_over_and_prune_leaves_what_is_leased()
    {
        Privileges.NeedRoot();
        var layer = await AddLayer(Store, ("made", "by a step"));
        using (var scratch = Store.Snapshots.CreateScratch())
        {
            var upper = Path.Combine(scratch.Path, "upper");
            Directory.CreateDirectory(upper);
            await System.IO.File.WriteAllTextAsync(Path.Combine(upper, "made"), "by a step", Stop);
            Assert.True(await Store.Snapshots.AdoptAsync([layer], upper, Stop));
            Assert.False(Directory.Exists(upper));
        }
        var directory = Assert.Single(await Store.Snapshots.EnsureAsync([layer], null, Stop));
        Assert.Equal("by a step", await System.IO.File.ReadAllTextAsync(Path.Combine(directory, "made"), Stop));
        using var pruner = OpenAnother();
        await pruner.Maintenance.PruneAsync(new PruneOptions { Snapshots = true }, Stop);
        Assert.True(Directory.Exists(directory));
        Reopen();
        Assert.Equal(1, (await pruner.Maintenance.PruneAsync(new PruneOptions { Snapshots = true }, Stop)).Removed[GarbageKind.Snapshot].Count);
        Assert.False(Directory.Exists(directory));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Root, "snapshots")));
    }

    [Fact]
    public async Task A_broken_snapshot_is_found_by_verify()
    {
        Privileges.NeedRoot();
        var directory = Assert.Single(await Store.Snapshots.EnsureAsync([await AddPulled(("a", "1"))], null, Stop));
        Directory.Delete(directory, recursive: true);
        Assert.Equal([new VerifyFinding.SnapshotMissing(directory)], await Store.Maintenance.VerifyAsync(true, null, Stop));
    }

    private void Boot(string id)
    {
        using var database = Sqlite.SqliteDatabase.Open(Path.Combine(Root, "strata.db"), StoreSchema.Schema);
        database.Write(s => s.Execute("UPDATE snapshots SET boot=?1", id));
    }
}
