using System.Diagnostics;
using Strata.Linux;
using Strata.Testing;

namespace Strata.Store.Tests;

public sealed class StoreFormatTests : StoreTest
{
    [Fact]
    public void A_store_of_a_newer_strata_is_left_alone()
    {
        _ = Store;
        System.IO.File.WriteAllText(Path.Combine(Root, "VERSION"), "strata-store 2\n");
        Assert.Contains("newer strata", Assert.Throws<StoreException>(() => OpenAnother()).Message, StringComparison.Ordinal);
        System.IO.File.WriteAllText(Path.Combine(Root, "VERSION"), "something else");
        Assert.Contains("no strata store", Assert.Throws<StoreException>(() => OpenAnother()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_store_gets_its_version_when_all_its_folders_are_on_the_disk()
    {
        var folders = new StoreFolders(Path.Combine(Root, "deep", "store"));
        var synced = new List<string>();
        StoreFormat.Prepare(folders, make: true, folder =>
        {
            Assert.False(System.IO.File.Exists(folders.FormatFile));
            Assert.True(Directory.Exists(folders.Containers));
            synced.Add(folder);
        });
        Assert.True(System.IO.File.Exists(folders.FormatFile));
        Assert.Equal([folders.Blobs, folders.Root, Path.Combine(Root, "deep"), Root, Path.GetDirectoryName(Root)!], synced);
    }

    [Fact]
    public void A_folder_that_another_process_has_just_made_is_brought_to_the_disk_once()
    {
        var synced = new List<string>();
        var made = new DurableFolders(synced.Add);
        Directory.CreateDirectory(Path.Combine(Root, "ab"));
        made.Make(Path.Combine(Root, "ab"));
        made.Make(Path.Combine(Root, "ab"));
        made.Make(Path.Combine(Root, "cd"));
        Assert.True(Directory.Exists(Path.Combine(Root, "cd")));
        Assert.Equal([Root, Root], synced);
    }

    [Fact]
    public async Task Listing_a_hundred_images_is_quick()
    {
        for (var i = 0; i < 100; i++)
        {
            await AddImage(Store, $"{i}", $"app:{i}");
        }
        Reopen();
        _ = Store.Images.List();
        Reopen();
        var clock = Stopwatch.StartNew();
        var count = Store.Images.List().Count;
        TestContext.Current.SendDiagnosticMessage($"open and list 100 images: {clock.Elapsed.TotalMilliseconds:N1} ms");
        Assert.Equal(100, count);
    }

    [Fact]
    public async Task A_store_that_may_only_be_read_still_lists()
    {
        Privileges.NeedRoot();
        var id = await AddImage(Store, "1", "app");
        Reopen();
        Mounts.Bind(Root, Root, recursive: false, readOnly: true);
        try
        {
            Assert.Equal(id, Assert.Single(Store.Images.List()).Id);
            Assert.NotNull(Store.Images.Get(id));
            Assert.ThrowsAny<IOException>(() => Store.Names.Remove(Name("app")));
            await Assert.ThrowsAnyAsync<IOException>(() => AddImage(Store, "2"));
        }
        finally
        {
            Store.Dispose();
            Mounts.Unmount(Root, detach: true);
        }
    }

    [Fact]
    public async Task A_full_disk_is_reported_and_leaves_nothing_behind()
    {
        Privileges.NeedRoot();
        Directory.CreateDirectory(Root);
        Mounts.Tmpfs(Root, "size=3m");
        try
        {
            var id = await AddImage(Store, "1", "app");
            var big = new byte[8 << 20];
            Random.Shared.NextBytes(big);
            var e = await Assert.ThrowsAsync<StoreException>(() => Store.Blobs.PutAsync(Describe(big), new MemoryStream(big), Stop));
            Assert.Contains("is full", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(FilesIn("blobs"), path => Path.GetFileName(path).StartsWith('.'));
            Assert.NotNull(Store.Images.Get(id));
            await Store.Blobs.PutAsync("small"u8.ToArray(), Stop);
            Assert.Empty(await Store.Maintenance.VerifyAsync(false, null, Stop));
        }
        finally
        {
            Store.Dispose();
            Mounts.Unmount(Root, detach: true);
        }
    }
}
