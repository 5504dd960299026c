using System.Text;
using Strata.Content.Compression;
using Strata.Content.Layers;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Store.Tests;

public sealed class LayerStoreTests : StoreTest
{
    private async Task<Digest> AddCompressed(LocalStore store, Digest diffId, byte[] blob)
    {
        await store.Blobs.PutAsync(Describe(blob), new MemoryStream(blob), Stop);
        await store.Layers.AddCompressedAsync(diffId, Describe(blob), Stop);
        return diffId;
    }

    private static async Task<Dictionary<string, string>> ReadFiles(LocalStore store, Digest diffId, params string[] paths)
    {
        var index = await store.Layers.OpenIndexAsync(diffId, Stop);
        var read = new Dictionary<string, string>();
        var positions = paths.Select(path => index.Find(ImagePath.Parse(path))).Order().ToList();
        await store.Layers.ReadFilesAsync(
            diffId,
            positions,
            (position, stream) =>
            {
                using var buffer = new MemoryStream();
                stream.CopyTo(buffer);
                read[index[position].Path.ToString()] = Encoding.UTF8.GetString(buffer.ToArray());
            },
            Stop);
        return read;
    }

    [Fact]
    public async Task A_layer_that_was_written_is_there_after_another_start_with_its_index_and_tar()
    {
        var diffId = await AddLayer(Store, ("a/", ""), ("a/one", "1"), ("b", "2"));
        Reopen();
        var index = await Store.Layers.OpenIndexAsync(diffId, Stop);
        Assert.Equal(3, index.Count);
        await using var tar = await Store.Layers.OpenTarAsync(diffId, Stop);
        Assert.Equal(diffId, LayerIndexer.Index(tar!, IndexLimits.Default, Stop).DiffId);
    }

    [Fact]
    public async Task A_layer_that_was_not_committed_leaves_nothing()
    {
        await using (var pending = Store.Layers.Begin())
        {
            Write(pending.Tar, ("a", "1"));
        }
        Assert.Empty(FilesIn("blobs"));
        Assert.Empty(FilesIn("layers"));
    }

    [Fact]
    public async Task The_size_of_a_layer_is_told_without_unpacking_it()
    {
        var (diffId, blob) = Compressed(("a", new string('a', 5000)));
        Assert.Null(Store.Layers.KnownSize(diffId));
        await AddCompressed(Store, diffId, blob);
        Assert.Equal(blob.Length, Store.Layers.KnownSize(diffId));
        Assert.Empty(FilesIn("layers"));
        var index = await Store.Layers.OpenIndexAsync(diffId, Stop);
        Assert.Equal(index.TarSize, Store.Layers.KnownSize(diffId));
    }

    [Fact]
    public async Task A_compressed_layer_is_indexed_when_it_is_first_used()
    {
        var (diffId, blob) = Compressed(("a", "1"), ("b", "2"));
        await AddCompressed(Store, diffId, blob);
        Assert.Empty(FilesIn("layers"));
        Assert.Equal(2, (await Store.Layers.OpenIndexAsync(diffId, Stop)).Count);
        Assert.Single(FilesIn("layers"));
    }

    [Fact]
    public async Task A_layer_that_lies_about_its_diff_id_is_refused_each_time()
    {
        var (_, blob) = Compressed(("a", "evil"));
        var (promised, _) = Compressed(("a", "good"));
        await AddCompressed(Store, promised, blob);
        var refusal = await Assert.ThrowsAsync<LayerMismatchException>(async () => await Store.Layers.OpenIndexAsync(promised, Stop));
        Assert.Contains(Digest.Of(blob).ToString(), refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(async () => await Store.Layers.OpenIndexAsync(promised, Stop));
        Assert.Empty(FilesIn("layers"));
    }

    [Fact]
    public async Task A_body_that_lies_does_not_spoil_an_honest_one()
    {
        var (_, evil) = Compressed(("a", "e"));
        var (promised, good) = Compressed(("a", "good"), ("b", new string('x', 5000)));
        await AddCompressed(Store, promised, evil);
        await AddCompressed(Store, promised, good);
        Assert.Equal(2, (await Store.Layers.OpenIndexAsync(promised, Stop)).Count);
        Assert.Equal("good", (await ReadFiles(Store, promised, "a"))["/a"]);
    }

    [Fact]
    public async Task Content_that_is_no_tar_is_refused()
    {
        var junk = Enumerable.Range(0, 3000).Select(i => (byte)(i * 7)).ToArray();
        await AddCompressed(Store, Digest.Of("other"u8), junk);
        await Assert.ThrowsAnyAsync<IOException>(async () => await Store.Layers.OpenIndexAsync(Digest.Of("other"u8), Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wanted_files_are_read_from_a_tar_and_from_a_compressed_blob(bool compressed)
    {
        (string, string)[] files = [("a/", ""), ("a/empty", ""), ("a/one", "1"), ("big", new string('x', 300_000)), ("last", "z")];
        Digest diffId;
        if (compressed)
        {
            (diffId, var blob) = Compressed(files);
            await AddCompressed(Store, diffId, blob);
        }
        else
        {
            diffId = await AddLayer(Store, files);
        }
        var read = await ReadFiles(Store, diffId, "a/empty", "a/one", "last");
        Assert.Equal(new Dictionary<string, string> { ["/a/empty"] = "", ["/a/one"] = "1", ["/last"] = "z" }, read);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hard_links_and_sparse_files_are_read_too(bool compressed)
    {
        Assert.SkipUnless(System.IO.File.Exists("/bin/tar"), "needs GNU tar");
        var folder = Directory.CreateTempSubdirectory("strata-sparse-").FullName;
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "first"), "linked", Stop);
        var script = "ln first second; truncate -s 3000000 holes; printf end | dd of=holes bs=1 seek=2000000 conv=notrunc 2>/dev/null; cp --sparse=always holes twin; tar --sparse --sort=name -cf ../layer.tar .";
        var start = new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", script.Replace("../layer.tar", folder + ".tar", StringComparison.Ordinal)]) { WorkingDirectory = folder };
        using (var process = System.Diagnostics.Process.Start(start)!)
        {
            await process.WaitForExitAsync(Stop);
            Assert.Equal(0, process.ExitCode);
        }
        var tar = await System.IO.File.ReadAllBytesAsync(folder + ".tar", Stop);
        Directory.Delete(folder, recursive: true);
        System.IO.File.Delete(folder + ".tar");
        Assert.True(tar.Length < 100_000, "the archive isn't sparse");
        var diffId = Digest.Of(tar);
        if (compressed)
        {
            using var blob = new MemoryStream();
            using (var gzip = LayerEncoder.Default.Open(blob))
            {
                gzip.Write(tar);
                gzip.Complete();
            }
            await AddCompressed(Store, diffId, blob.ToArray());
        }
        else
        {
            await Store.Blobs.PutAsync(tar, Stop);
            await Store.Layers.AddCompressedAsync(diffId, Describe(tar, MediaTypes.OciLayerTar), Stop);
        }
        var read = await ReadFiles(Store, diffId, "first", "second", "holes", "twin");
        Assert.Equal(4, read.Count);
        Assert.Equal("linked", read["/first"]);
        Assert.Equal("linked", read["/second"]);
        Assert.Equal(new string('\0', 2_000_000) + "end" + new string('\0', 999_997), read["/holes"]);
        Assert.Equal(read["/holes"], read["/twin"]);
    }

    [Fact]
    public async Task Any_form_will_do_for_files_an_index_and_a_snapshot()
    {
        Privileges.NeedRoot();
        var diffId = await AddLayer(Store, ("a/", ""), ("a/one", "1"), ("b", "2"));
        await Store.Layers.CompressAsync(diffId, LayerEncoder.Gzip(1), anyEncoder: false, Stop);
        System.IO.File.Delete(new StoreFolders(Root).Blob(diffId));
        Assert.Equal(new Dictionary<string, string> { ["/a/one"] = "1", ["/b"] = "2" }, await ReadFiles(Store, diffId, "a/one", "b"));
        var tree = Assert.Single(await Store.Snapshots.EnsureAsync([diffId], null, Stop));
        Assert.Equal("1", await System.IO.File.ReadAllTextAsync(Path.Combine(tree, "a", "one"), Stop));
        Reopen();
        System.IO.File.Delete(new StoreFolders(Root).Index(diffId));
        Assert.True((await Store.Layers.OpenIndexAsync(diffId, Stop)).Find(ImagePath.Parse("b")) >= 0);
        Assert.Equal(diffId, Digest.Of(Encoding.Latin1.GetBytes(await ReadAll(await Store.Layers.OpenTarAsync(diffId, Stop)))));

        // With no form left, the recipe and the snapshot's files.
        FilesIn("blobs").ToList().ForEach(System.IO.File.Delete);
        Assert.Equal(new Dictionary<string, string> { ["/b"] = "2" }, await ReadFiles(Store, diffId, "b"));
        Assert.True(System.IO.File.Exists(new StoreFolders(Root).Blob(diffId)));
    }

    [Fact]
    public async Task A_layer_is_compressed_once_per_encoder_however_many_ask()
    {
        var diffId = await AddLayer(Store, ("a", new string('x', 100_000)));
        using var other = OpenAnother();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? Store : other).Layers.CompressAsync(diffId, LayerEncoder.Gzip(6), anyEncoder: false, Stop)));
        Assert.Single(made.Select(m => m.Digest).Distinct());
        var stamp = System.IO.File.GetCreationTimeUtc(FilesIn("blobs").Single(path => path.EndsWith(made[0].Digest.Hex, StringComparison.Ordinal)));
        var again = await Store.Layers.CompressAsync(diffId, LayerEncoder.Gzip(6), anyEncoder: false, Stop);
        Assert.Equal(made[0].Digest, again.Digest);
        Assert.Equal(stamp, System.IO.File.GetCreationTimeUtc(FilesIn("blobs").Single(path => path.EndsWith(again.Digest.Hex, StringComparison.Ordinal))));
        Assert.NotEqual(again.Digest, (await Store.Layers.CompressAsync(diffId, LayerEncoder.Gzip(1), anyEncoder: false, Stop)).Digest);
        Assert.Empty(FilesIn("locks"));
    }

    [Fact]
    public async Task A_lost_or_damaged_index_is_made_again()
    {
        var diffId = await AddLayer(Store, ("a", "1"));
        Reopen();
        var path = Assert.Single(FilesIn("layers"));
        await System.IO.File.WriteAllTextAsync(path, "junk", Stop);
        Assert.Equal(1, (await Store.Layers.OpenIndexAsync(diffId, Stop)).Count);
        Reopen();
        System.IO.File.Delete(path);
        Assert.Equal(1, (await Store.Layers.OpenIndexAsync(diffId, Stop)).Count);
        Assert.True(System.IO.File.Exists(path));
    }

    [Fact]
    public async Task A_layer_that_is_not_here_is_named_in_the_error()
    {
        var e = await Assert.ThrowsAsync<StoreException>(async () => await Store.Layers.OpenIndexAsync(Digest.Of("none"u8), Stop));
        Assert.Contains(Digest.Of("none"u8).ToString(), e.Message, StringComparison.Ordinal);
        Assert.Null(await Store.Layers.OpenTarAsync(Digest.Of("none"u8), Stop));
    }
}
