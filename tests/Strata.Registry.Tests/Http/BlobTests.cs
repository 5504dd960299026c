using System.Net;
using CsCheck;
using Strata.Oci;

namespace Strata.Registry.Tests.Http;

public sealed class BlobTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 7))];

    [Fact]
    public async Task Head_says_what_get_gives()
    {
        await using var registry = await TestRegistry.StartAsync();
        var digest = await registry.PushBlobAsync("a/b", Content);
        using var head = await registry.SendAsync("HEAD", $"/v2/a/b/blobs/{digest}");
        await head.MustBeAsync(HttpStatusCode.OK);
        Assert.Equal(Content.Length, head.Content.Headers.ContentLength);
        Assert.Equal(digest.ToString(), head.Header("Docker-Content-Digest"));
        Assert.Equal("application/octet-stream", head.Header("Content-Type"));
        Assert.Equal("bytes", head.Header("Accept-Ranges"));
        using var same = await registry.GetAsync($"/v2/a/b/blobs/{digest}", ("If-None-Match", head.Header("ETag")!));
        await same.MustBeAsync(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_not_found()
    {
        await using var registry = await TestRegistry.StartAsync();
        foreach (var path in (string[])[$"/v2/a/blobs/{Digest.Of(Content)}", "/v2/a/blobs/sha256:1", "/v2/a/blobs/x"])
        {
            using var get = await registry.GetAsync(path);
            await get.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
            using var head = await registry.SendAsync("HEAD", path);
            await head.MustBeAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Every_range_gives_exactly_its_bytes_or_416()
    {
        await using var registry = await TestRegistry.StartAsync();
        var path = $"/v2/a/blobs/{await registry.PushBlobAsync("a", Content)}";
        await Gen.Select(Gen.OneOf(Gen.Int[0, 1100], Gen.Const(-1)), Gen.OneOf(Gen.Int[0, 1100], Gen.Const(-1)))
            .Where((from, to) => (from >= 0 || to >= 0) && (to < 0 || from <= to))
            .SampleAsync(
                async (from, to) =>
                {
                    var text = $"bytes={(from < 0 ? "" : from)}-{(to < 0 ? "" : to)}";
                    using var response = await registry.GetAsync(path, ("Range", text));
                    var expected = from < 0 ? Content[^Math.Min(to, Content.Length)..]
                        : from >= Content.Length ? []
                        : Content[from..(to < 0 ? Content.Length : Math.Min(to + 1, Content.Length))];
                    if (expected.Length == 0)
                    {
                        await response.MustFailAsync(HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
                        Assert.Equal("bytes */1000", response.Header("Content-Range"));
                        return;
                    }
                    await response.MustBeAsync(HttpStatusCode.PartialContent);
                    Assert.Equal(expected, await response.Content.ReadAsByteArrayAsync());
                    var first = from < 0 ? Content.Length - expected.Length : from;
                    Assert.Equal($"bytes {first}-{first + expected.Length - 1}/1000", response.Header("Content-Range"));
                },
                iter: 300,
                threads: 4);
    }

    [Theory]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=x")]
    [InlineData("bytes=5-2")]
    public async Task What_is_no_single_range_of_bytes_gets_the_whole(string range)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var response = await registry.GetAsync($"/v2/a/blobs/{await registry.PushBlobAsync("a", Content)}", ("Range", range));
        await response.MustBeAsync(HttpStatusCode.OK);
        Assert.Equal(Content, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_range_of_something_else_than_the_blob_gets_the_whole()
    {
        await using var registry = await TestRegistry.StartAsync();
        var digest = await registry.PushBlobAsync("a", Content);
        using var other = await registry.GetAsync($"/v2/a/blobs/{digest}", ("Range", "bytes=0-1"), ("If-Range", "\"other\""));
        await other.MustBeAsync(HttpStatusCode.OK);
        using var same = await registry.GetAsync($"/v2/a/blobs/{digest}", ("Range", "bytes=0-1"), ("If-Range", $"\"{digest}\""));
        await same.MustBeAsync(HttpStatusCode.PartialContent);
    }

    [Fact]
    public async Task A_deleted_blob_is_gone_where_it_was_deleted_and_its_bytes_with_the_last_of_it()
    {
        await using var registry = await TestRegistry.StartAsync();
        var digest = await registry.PushBlobAsync("a", Content);
        await registry.PushBlobAsync("b", Content);
        using var first = await registry.SendAsync("DELETE", $"/v2/a/blobs/{digest}");
        await first.MustBeAsync(HttpStatusCode.Accepted);
        using var again = await registry.SendAsync("DELETE", $"/v2/a/blobs/{digest}");
        await again.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        using var gone = await registry.GetAsync($"/v2/a/blobs/{digest}");
        await gone.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        using var other = await registry.GetAsync($"/v2/b/blobs/{digest}");
        Assert.Equal(Content, await other.Content.ReadAsByteArrayAsync());
        await registry.Server.Housekeeping.OnceAsync(TestRegistry.Stop);
        Assert.Single(registry.BlobFiles);

        using var last = await registry.SendAsync("DELETE", $"/v2/b/blobs/{digest}");
        await registry.Server.Housekeeping.OnceAsync(TestRegistry.Stop);
        Assert.Empty(registry.BlobFiles);
        await registry.PushBlobAsync("a", Content);
        using var back = await registry.GetAsync($"/v2/a/blobs/{digest}");
        await back.MustBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Bytes_lost_from_the_disk_are_an_error_and_never_a_shorter_blob()
    {
        await using var registry = await TestRegistry.StartAsync();
        var digest = await registry.PushBlobAsync("a", Content);
        await File.WriteAllBytesAsync(registry.BlobFiles.Single(), Content[..10], TestRegistry.Stop);
        using var shorter = await registry.GetAsync($"/v2/a/blobs/{digest}");
        await shorter.MustFailAsync(HttpStatusCode.InternalServerError, "UNKNOWN");
        File.Delete(registry.BlobFiles.Single());
        using var missing = await registry.GetAsync($"/v2/a/blobs/{digest}");
        await missing.MustFailAsync(HttpStatusCode.InternalServerError, "UNKNOWN");
    }
}
