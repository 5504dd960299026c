using Strata.Sqlite;
using Strata.Testing;

namespace Strata.Store.Tests;

/// <summary>A store on a disk without a free byte can be looked at, and emptied.</summary>
public sealed class FullDiskTests
{
    private const int Images = 40;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static LocalStore Open(SmallDisk disk) => LocalStore.Open(new StoreOptions { Root = Path.Combine(disk.Path, "store"), Who = "ann" });

    private static async Task Populate(LocalStore store)
    {
        for (var i = 0; i < Images; i++)
        {
            await using var pending = store.Layers.Begin();
            var index = StoreTest.WriteTar(pending.Tar, ($"file{i}", new string((char)('a' + (i % 26)), 50_000 + i)));
            await pending.CommitAsync(index, Stop);
            var id = await store.Images.AddAsync(StoreTest.ConfigOf($"{i}", index.DiffId).ToBytes(), Stop);
            if (i % 2 == 0)
            {
                Assert.True(store.Names.Move(Oci.Reference.Parse($"app:{i}"), id, null));
            }
        }
    }

    [Fact]
    public async Task A_disk_of_one_megabyte_can_be_emptied_too()
    {
        using var disk = SmallDisk.Mount("tmpfs", 1);
        var layer = default(Oci.Digest);
        using (var store = Open(disk))
        {
            await using var pending = store.Layers.Begin();
            var index = StoreTest.WriteTar(pending.Tar, ("file", new string('a', 100_000)));
            await pending.CommitAsync(index, Stop);
            layer = index.DiffId;
            Assert.True(store.Names.Move(Oci.Reference.Parse("app:1"), await store.Images.AddAsync(StoreTest.ConfigOf("1", layer).ToBytes(), Stop), null));
        }
        Assert.True(System.IO.File.Exists(Path.Combine(disk.Path, "store", "reserve")));
        disk.Fill();
        using (var store = Open(disk))
        {
            Assert.Single(store.Images.List());
            Assert.IsType<RemoveResult.Removed>(await store.Maintenance.RemoveImageAsync("app:1", force: false, Stop));
            Assert.Null(store.Blobs.Find(layer));
        }
        using var after = Open(disk);
        await after.Blobs.PutAsync(new byte[50_000], Stop);
    }

    [Theory]
    [InlineData("tmpfs", 12)]
    [InlineData("ext4", 16)]
    [InlineData("tmpfs", 100)]
    public async Task It_is_listed_and_pruned_and_gives_its_space_back(string type, int megabytes)
    {
        using var disk = SmallDisk.Mount(type, megabytes);
        using (var store = Open(disk))
        {
            await Populate(store);
        }
        disk.Fill();
        using (var store = Open(disk))
        {
            Assert.Equal(Images, store.Images.List().Count);
            Assert.Equal(Images, store.Maintenance.DiskUsage().Images.Count);
            Assert.NotNull(store.Images.Get(store.Images.List()[0].Id));
            var full = await Assert.ThrowsAnyAsync<IOException>(() => store.Blobs.PutAsync(new byte[200_000], Stop));
            Assert.Contains("is full", full.Message, StringComparison.Ordinal);
            Assert.Contains("strata prune", full.Message, StringComparison.Ordinal);
        }
        using (var store = Open(disk))
        {
            // A lease is taken also now, so that what is looked at stays.
            Assert.True(await store.Layers.LeaseAsync(store.Images.Get(store.Images.List()[0].Id)!.Layers[0], Stop));
        }
        using (var store = Open(disk))
        {
            Assert.IsType<RemoveResult.Removed>(await store.Maintenance.RemoveImageAsync("app:0", force: false, Stop));
        }
        disk.Fill();
        using (var store = Open(disk))
        {
            var result = await store.Maintenance.PruneAsync(new PruneOptions(), Stop);
            Assert.Equal(Images / 2, result.Images.Count);
            Assert.InRange(result.Bytes, Images / 2 * 50_000, long.MaxValue);
            Assert.Equal((Images / 2) - 1, store.Images.List().Count);
        }
        using (var store = Open(disk))
        {
            await store.Blobs.PutAsync(new byte[200_000], Stop);
            Assert.Empty(await store.Maintenance.VerifyAsync(false, null, Stop));
        }
    }

    [Fact]
    public async Task Several_fill_and_empty_it_at_once_and_nothing_breaks()
    {
        using var disk = SmallDisk.Mount("tmpfs", 12);
        using (var store = Open(disk))
        {
            await Populate(store);
        }
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
            {
                using var store = Open(disk);
                try
                {
                    if (worker == 0)
                    {
                        await store.Maintenance.PruneAsync(new PruneOptions(), Stop);
                    }
                    else
                    {
                        var bytes = new byte[1_500_000];
                        Random.Shared.NextBytes(bytes);
                        await store.Blobs.PutAsync(bytes, Stop);
                        _ = store.Images.List();
                    }
                }
                catch (Exception e) when (e is StoreException or SqliteStoreException { Problem: SqliteProblem.Full })
                {
                    Assert.Contains("full", e.Message, StringComparison.Ordinal);
                }
            }
        })));
        using var last = Open(disk);
        await last.Maintenance.PruneAsync(new PruneOptions(), Stop);
        Assert.Empty(await last.Maintenance.VerifyAsync(false, null, Stop));
        Assert.Equal(Images / 2, last.Images.List().Count);
    }

    [Fact]
    public void The_reserve_is_made_where_there_is_room_and_again_after_it_was_given_up()
    {
        using var folder = new TemporaryFolder();
        var root = folder.File("store");
        LocalStore.Open(new StoreOptions { Root = root }).Dispose();
        var reserve = Path.Combine(root, "reserve");
        Assert.InRange(new FileInfo(reserve).Length, 256 << 10, 8 << 20);
        var set = new SpaceReserve(new StoreFolders(root));
        Assert.False(set.Release());
        Assert.True(set.Lend());
        Assert.True(set.Release(isFull: true));
        Assert.False(File.Exists(reserve));
        Assert.False(set.Lend());
        LocalStore.Open(new StoreOptions { Root = root }).Dispose();
        Assert.True(File.Exists(reserve));
    }
}
