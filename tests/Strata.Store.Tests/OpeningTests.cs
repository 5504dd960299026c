using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Store.Tests;

/// <summary>Which folders a store is opened in, made in, and refused in.</summary>
public sealed class OpeningTests : StoreTest
{
    private static string Refusal(string root, bool make) =>
        Assert.Throws<StoreException>(() => LocalStore.Open(new StoreOptions { Root = root, Make = make })).Message;

    [Fact]
    public async Task A_store_that_is_only_looked_at_is_not_made_and_is_empty()
    {
        using (var nothing = LocalStore.Open(new StoreOptions { Root = Root, Make = false }))
        {
            Assert.Empty(nothing.Images.List());
            Assert.Empty(nothing.Containers.List());
            Assert.Equal(0, nothing.Maintenance.DiskUsage().Images.Count);
            Assert.IsType<ImageLookup.NotFound>(nothing.Images.Find("app"));
            Assert.IsType<RemoveResult.NotFound>(await nothing.Maintenance.RemoveImageAsync("app", force: true, Stop));
            Assert.Equal(0, (await nothing.Maintenance.PruneAsync(new PruneOptions { UnusedImages = true, BuildCache = true }, Stop)).Bytes);
            Assert.Empty(await nothing.Maintenance.VerifyAsync(repair: true, null, Stop));
            var e = await Assert.ThrowsAsync<StoreException>(() => nothing.Blobs.PutAsync("x"u8.ToArray(), Stop));
            Assert.Contains("no store", e.Message, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public void A_folder_that_holds_other_things_is_no_store_and_stays_as_it_is()
    {
        Directory.CreateDirectory(Root);
        System.IO.File.WriteAllText(Path.Combine(Root, "letter.txt"), "Dear");
        Assert.Contains("letter.txt", Refusal(Root, make: true), StringComparison.Ordinal);
        Assert.Contains("letter.txt", Refusal(Root, make: false), StringComparison.Ordinal);
        Assert.Equal(["letter.txt"], Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName));
        Assert.Contains("is a file", Refusal(Path.Combine(Root, "letter.txt"), make: true), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_making_that_was_interrupted_left_is_made_whole()
    {
        Directory.CreateDirectory(Path.Combine(Root, "blobs"));
        Directory.CreateDirectory(Path.Combine(Root, "lost+found"));
        System.IO.File.WriteAllText(Path.Combine(Root, ".tmp-1-ab"), "");
        Assert.Empty(Store.Images.List());
        Assert.True(LocalStore.IsAt(Root));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_whose_database_is_gone_is_refused_and_keeps_its_content_until_it_is_back(bool isEmpty)
    {
        var id = await AddImage(Store, "1", "app");
        Store.Dispose();
        var files = FilesIn("blobs").Concat(FilesIn("layers")).ToList();
        var database = Path.Combine(Root, "strata.db");
        System.IO.File.Move(database, Path.Combine(Root, "..", "kept"));
        if (isEmpty)
        {
            System.IO.File.WriteAllText(database, "");
        }
        var refusal = Refusal(Root, make: true);
        Assert.Contains("has lost its database", refusal, StringComparison.Ordinal);
        Assert.Contains(files[0][(Root.Length + 1)..], refusal, StringComparison.Ordinal);
        Assert.Equal(refusal, Refusal(Root, make: false));
        Assert.Equal(files, FilesIn("blobs").Concat(FilesIn("layers")));

        System.IO.File.Move(Path.Combine(Root, "..", "kept"), database, overwrite: true);
        Assert.Equal(id, Assert.Single(OpenAnother().Images.List()).Id);
    }

    [Fact]
    public void A_new_store_has_its_database_before_anything_can_be_put_into_it()
    {
        _ = Store;
        Assert.True(new FileInfo(Path.Combine(Root, "strata.db")).Length > 0);
    }

    [Theory]
    [InlineData("nfs", "network")]
    [InlineData("cifs", "flock")]
    [InlineData("9p", "mmap")]
    [InlineData("fuse", "another program")]
    [InlineData("vfat", "owners")]
    public void Foreign_file_systems_are_refused_with_the_reason(string type, string reason)
    {
        var refusal = ForeignFileSystem.Refusal("/mnt/store", type);
        Assert.Contains("/mnt/store", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.Contains("--root", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    [InlineData("tmpfs")]
    [InlineData("overlay")]
    public void Local_file_systems_are_not(string type) => Assert.Null(ForeignFileSystem.Refusal("/mnt/store", type));

    [Fact]
    public async Task A_read_only_store_is_looked_at_and_says_in_one_sentence_that_it_can_not_be_changed()
    {
        Privileges.NeedRoot();
        var id = await AddImage(Store, "1", "app");
        var layer = Store.Images.Get(id)!.Layers[0];
        var packed = await Store.Manifests.PackAsync(id, LayerEncoder.Default, Stop);
        Reopen();
        // So that a note of its use would be due.
        Clock.Advance(TimeSpan.FromDays(1));
        Mounts.Bind(Root, Root, recursive: false, readOnly: true);
        try
        {
            Assert.Equal(id, Assert.Single(Store.Images.List()).Id);
            Assert.NotNull(await Store.Layers.OpenIndexAsync(layer, Stop));
            Assert.Equal(1, Store.Maintenance.DiskUsage().Images.Count);
            Assert.Empty(await Store.Maintenance.VerifyAsync(repair: false, null, Stop));
            await ImageAssert.Valid(Store.Medium(Name("app"), LayerEncoder.Default), ManifestKey.ByTag(Tag.Latest), Stop);
            await Store.Manifests.NoteOriginAsync(packed!.Digest, Name("reg.example/app"));
            await Store.Names.KnowManifestAsync(Name("app"), packed.Digest);
            foreach (var write in new Func<Task>[]
            {
                () => Store.Maintenance.RemoveImageAsync("app", force: false, Stop),
                () => Store.Maintenance.PruneAsync(new PruneOptions(), Stop),
                () => Store.Blobs.PutAsync("new"u8.ToArray(), Stop),
                () => Store.Maintenance.VerifyAsync(repair: true, null, Stop),
                () => Task.FromResult(Store.Names.Move(Name("other"), id, null)),
                () => Task.FromResult(Store.Names.Remove(Name("app"))),
            })
            {
                var e = await Assert.ThrowsAnyAsync<IOException>(write);
                Assert.Contains("mounted read-only", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("EROFS", e.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Store.Dispose();
            Mounts.Unmount(Root, detach: true);
        }
    }
}
