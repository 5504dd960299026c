using Strata.Linux;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Store.Tests;

/// <summary>Between a file's name and its row.</summary>
public sealed class PublishTests : StoreTest
{
    [Fact]
    public async Task A_blob_that_has_its_name_gets_its_row_though_it_is_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        using var upload = Store.Blobs.Begin(DigestAlgorithm.Sha256);
        upload.Append("x"u8);
        await upload.PublishAsync(Digest.Of("x"u8), cancelled.Cancel, null, [], cancelled.Token);
        Assert.Equal("x"u8.ToArray(), Store.Blobs.ReadAll(Digest.Of("x"u8)));
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
    }

    [Fact]
    public async Task A_blob_that_failed_after_it_got_its_name_goes_when_the_store_is_closed()
    {
        var digest = Digest.Of("x"u8);
        using (var upload = Store.Blobs.Begin(DigestAlgorithm.Sha256))
        {
            upload.Append("x"u8);
            await Assert.ThrowsAsync<IOException>(() => upload.PublishAsync(digest, static () => throw new IOException("the disk failed"), null, [], Stop));
        }
        Assert.True(System.IO.File.Exists(new StoreFolders(Root).Blob(digest)));
        Reopen();
        Assert.False(System.IO.File.Exists(new StoreFolders(Root).Blob(digest)));
    }

    [Fact]
    public async Task A_snapshot_that_has_its_name_gets_its_row_though_it_is_cancelled()
    {
        var index = await Store.Layers.OpenIndexAsync(await AddLayer(Store, ("a", "1")), Stop);
        var context = OpenContext();
        using var cancelled = new CancellationTokenSource();
        using var queue = new ManualResetEventSlim();
        using (var pending = new PendingSnapshot(context, makeTree: true))
        {
            // The row's write waits behind this one.
            var before = context.Database.WriteAsync(
                _ =>
                {
                    queue.Wait(Stop);
                    return true;
                },
                Stop);
            var published = pending.PublishAsync(index, index.DiffId, "boot", cancelled.Token);
            await cancelled.CancelAsync();
            queue.Set();
            await before;
            await published;
        }
        Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(Root, "snapshots")));
    }

    [Fact]
    public async Task A_snapshot_whose_row_is_refused_leaves_nothing()
    {
        var index = await Store.Layers.OpenIndexAsync(await AddLayer(Store, ("a", "1")), Stop);
        var context = OpenContext();
        using var first = new PendingSnapshot(context, makeTree: true);
        await first.PublishAsync(index, index.DiffId, "boot", Stop);
        using (var second = new PendingSnapshot(context, makeTree: true))
        {
            await Assert.ThrowsAnyAsync<IOException>(() => second.PublishAsync(index, index.DiffId, "boot", Stop));
        }
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(Root, "snapshots")));
    }

    [Fact]
    public void What_could_not_be_written_into_the_list_is_not_leased()
    {
        Privileges.NeedRoot();
        Directory.CreateDirectory(Root);
        Mounts.Tmpfs(Root, "size=1m");
        try
        {
            var folders = new StoreFolders(Root);
            StoreFormat.Prepare(folders, make: true, Durable.SyncDirectory);
            using var leases = new Leases(folders, new SpaceReserve(folders));
            leases.Begin();
            Fill(Path.Combine(Root, "rest"));
            Assert.ThrowsAny<IOException>(() => leases.Use("x"));
            Assert.False(leases.Holds("x"));
            System.IO.File.Delete(Path.Combine(Root, "rest"));
            leases.Use("x");
            Assert.True(leases.Holds("x"));
        }
        finally
        {
            Mounts.Unmount(Root, detach: true);
        }
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException e) when (StoreException.IsFull(e))
        {
            // As it was to be.
        }
    }
}
