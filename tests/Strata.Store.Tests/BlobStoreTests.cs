using CsCheck;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Store.Tests;

public sealed class BlobStoreTests : StoreTest
{
    [Fact]
    public async Task Two_stores_that_bring_the_same_blobs_at_once_both_succeed()
    {
        var blobs = Enumerable.Range(0, 40).Select(i => new byte[] { 7, (byte)i }).ToArray();
        using var other = OpenAnother();
        await Task.WhenAll(new[] { Store, other, Store, other }.Select(store => Task.Run(async () =>
        {
            foreach (var blob in blobs)
            {
                await store.Blobs.PutAsync(Describe(blob), new MemoryStream(blob), Stop);
            }
        })));
        foreach (var blob in blobs)
        {
            Assert.Equal(blob, Store.Blobs.ReadAll(Digest.Of(blob)));
        }
        Assert.Equal(40, FilesIn("blobs").Length);
    }

    [Fact]
    public async Task An_upload_finds_its_digest_itself_and_a_cancelled_one_leaves_nothing()
    {
        using (var cancelled = Store.Blobs.BeginUpload())
        {
            cancelled.Append("gone"u8);
        }
        Assert.Empty(FilesIn("blobs"));
        using var upload = Store.Blobs.BeginUpload(DigestAlgorithm.Sha512);
        upload.Append("ab"u8);
        upload.Append("c"u8);
        var digest = await upload.CommitAsync(Stop);
        Assert.StartsWith("sha512:ddaf35a193617aba", digest.ToString(), StringComparison.Ordinal);
        Assert.Equal("abc", await ReadAll(Store.Blobs.Open(digest)));
    }

    [Fact]
    public async Task Bytes_that_changed_on_the_disk_are_not_handed_out()
    {
        var digest = await Store.Blobs.PutAsync("hello"u8.ToArray(), Stop);
        await System.IO.File.WriteAllTextAsync(Assert.Single(FilesIn("blobs")), "hellO", Stop);
        await Assert.ThrowsAsync<ContentMismatchException>(() => ReadAll(Store.Blobs.Open(digest)));
    }

    [Fact]
    public async Task A_file_without_a_row_is_no_blob_and_is_replaced()
    {
        var bytes = "hello"u8.ToArray();
        var digest = Digest.Of(bytes);
        var folder = Path.Combine(Root, "blobs", "sha256", digest.Hex[..2]);
        _ = Store;
        Directory.CreateDirectory(folder);
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, digest.Hex), "half", Stop);
        Assert.Null(Store.Blobs.Open(digest));
        await Store.Blobs.PutAsync(Describe(bytes), new MemoryStream(bytes), Stop);
        Assert.Equal("hello", await ReadAll(Store.Blobs.Open(digest)));
    }

    [Fact]
    public async Task A_blob_that_could_not_be_published_is_not_taken_to_be_there()
    {
        var bytes = "hello"u8.ToArray();
        var digest = Digest.Of(bytes);
        _ = Store;
        var obstacle = Directory.CreateDirectory(Path.Combine(Root, "blobs", "sha256", digest.Hex[..2], digest.Hex));
        await Assert.ThrowsAnyAsync<IOException>(() => Store.Blobs.PutAsync(Describe(bytes), new MemoryStream(bytes), Stop));
        Assert.False(await Store.Blobs.LeaseAsync(digest, Stop));
        obstacle.Delete();
        await Store.Blobs.PutAsync(Describe(bytes), new MemoryStream(bytes), Stop);
        Assert.Equal("hello", await ReadAll(Store.Blobs.Open(digest)));
    }

    [Fact]
    public void Any_content_comes_back() => Gen.Byte.Array[0, 2000].Sample(bytes =>
    {
        Task.Run(() => Store.Blobs.PutAsync(Describe(bytes), new MemoryStream(bytes), CancellationToken.None)).GetAwaiter().GetResult();
        return bytes.AsSpan().SequenceEqual(Store.Blobs.ReadAll(Digest.Of(bytes)));
    }, iter: 50);

    [Fact]
    public async Task Temporaries_of_a_process_that_died_are_swept_by_the_next_that_works()
    {
        _ = Store;
        const int dead = 99_999_999;
        var leftovers = new[] { Path.Combine(Root, "blobs", $".tmp-{dead}-0a"), Path.Combine(Root, "layers", $".tmp-{dead}-0b") };
        foreach (var path in leftovers)
        {
            await System.IO.File.WriteAllTextAsync(path, "x", Stop);
        }
        var ours = Path.Combine(Root, "blobs", $".tmp-{Environment.ProcessId}-0c");
        await System.IO.File.WriteAllTextAsync(ours, "x", Stop);
        Directory.CreateDirectory(Path.Combine(Root, "snapshots", $".tmp-{dead}-0d", "fs"));
        foreach (var suffix in new[] { "lock", "list" })
        {
            await System.IO.File.WriteAllTextAsync(Path.Combine(Root, "leases", $"{dead}-aa.{suffix}"), "", Stop);
        }
        await Store.Blobs.PutAsync("x"u8.ToArray(), Stop);
        Assert.DoesNotContain(leftovers, System.IO.File.Exists);
        Assert.True(System.IO.File.Exists(ours));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Root, "snapshots")));
        Assert.DoesNotContain(FilesIn("leases"), path => path.Contains($"{dead}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_process_writes_is_its_own_though_a_dead_one_had_its_number()
    {
        _ = Store;
        using var process = System.Diagnostics.Process.Start("sleep", "60");
        var path = Path.Combine(Root, "blobs", $".tmp-{process.Id}-0a");
        await System.IO.File.WriteAllTextAsync(path, "x", Stop);
        await System.IO.File.WriteAllTextAsync(Path.Combine(Root, "leases", $"{process.Id}-aa.lock"), "", Stop);
        await Store.Blobs.PutAsync("x"u8.ToArray(), Stop);
        process.Kill();
        Assert.True(System.IO.File.Exists(path));
    }
}
