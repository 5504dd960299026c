using System.Net;
using Microsoft.Extensions.Time.Testing;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Registry.Tests.Http;

public sealed class UploadTests
{
    private static readonly byte[] Hello = "hello, registry"u8.ToArray();
    private static readonly Digest HelloDigest = Digest.Of(Hello);

    [Fact]
    public async Task A_blob_goes_in_by_post_and_put_and_comes_back()
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("team/app");
        Assert.Matches("^/v2/team/app/blobs/uploads/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$", location);

        using var put = await registry.SendAsync("PUT", $"{location}?digest={HelloDigest}", Hello);
        await put.MustBeAsync(HttpStatusCode.Created);
        Assert.Equal($"/v2/team/app/blobs/{HelloDigest}", put.Headers.Location!.ToString());
        Assert.Equal(HelloDigest.ToString(), put.Header("Docker-Content-Digest"));

        using var get = await registry.GetAsync(put.Headers.Location.ToString());
        Assert.Equal(Hello, await get.Content.ReadAsByteArrayAsync());
        using var over = await registry.GetAsync(location);
        await over.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Theory]
    [InlineData(DigestAlgorithm.Sha256)]
    [InlineData(DigestAlgorithm.Sha512)]
    public async Task A_blob_goes_in_by_one_post(DigestAlgorithm algorithm)
    {
        await using var registry = await TestRegistry.StartAsync();
        var digest = await registry.PushBlobAsync("a", Hello, algorithm);
        using var get = await registry.GetAsync($"/v2/a/blobs/{digest}");
        Assert.Equal(Hello, await get.Content.ReadAsByteArrayAsync());
        Assert.Equal(digest.ToString(), get.Header("Docker-Content-Digest"));
    }

    [Fact]
    public async Task An_empty_blob_is_a_blob()
    {
        await using var registry = await TestRegistry.StartAsync();
        var digest = await registry.PushBlobAsync("a", []);
        using var get = await registry.GetAsync($"/v2/a/blobs/{digest}");
        await get.MustBeAsync(HttpStatusCode.OK);
        Assert.Equal(0, get.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Chunks_are_acknowledged_to_their_last_byte_and_the_last_may_come_with_the_put()
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        using var first = await registry.SendAsync("PATCH", location, Hello[..5], ("Content-Range", "0-4"));
        await first.MustBeAsync(HttpStatusCode.Accepted);
        Assert.Equal("0-4", first.Header("Range"));
        Assert.Equal(location, first.Headers.Location!.ToString());
        using var second = await registry.SendAsync("PATCH", location, Hello[5..9], ("Content-Range", "5-8"));
        Assert.Equal("0-8", second.Header("Range"));

        using var status = await registry.GetAsync(location);
        await status.MustBeAsync(HttpStatusCode.NoContent);
        Assert.Equal("0-8", status.Header("Range"));
        Assert.Equal(location, status.Headers.Location!.ToString());

        using var put = await registry.SendAsync("PUT", $"{location}?digest={HelloDigest}", Hello[9..], ("Content-Range", $"9-{Hello.Length - 1}"));
        await put.MustBeAsync(HttpStatusCode.Created);
        using var get = await registry.GetAsync($"/v2/a/blobs/{HelloDigest}");
        Assert.Equal(Hello, await get.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    public async Task A_chunk_out_of_order_is_refused_with_the_position_and_changes_nothing(string method)
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        using var _ = await registry.SendAsync("PATCH", location, Hello[..5], ("Content-Range", "0-4"));
        foreach (var range in (string[])["6-8", "0-2", "4-6"])
        {
            using var wrong = await registry.SendAsync(method, $"{location}?digest={HelloDigest}", Hello[..3], ("Content-Range", range));
            await wrong.MustFailAsync(HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
            Assert.Equal("0-4", wrong.Header("Range"));
        }
        using var put = await registry.SendAsync("PUT", $"{location}?digest={HelloDigest}", Hello[5..]);
        await put.MustBeAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("0-9", "SIZE_INVALID")]
    [InlineData("5", "BLOB_UPLOAD_INVALID")]
    [InlineData("4-0", "BLOB_UPLOAD_INVALID")]
    [InlineData("-1-4", "BLOB_UPLOAD_INVALID")]
    [InlineData("0-99999999999999999999", "BLOB_UPLOAD_INVALID")]
    public async Task A_range_that_is_none_or_not_the_bodys_is_refused(string range, string code)
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        using var wrong = await registry.SendAsync("PATCH", location, Hello[..5], ("Content-Range", range));
        await wrong.MustFailAsync(HttpStatusCode.BadRequest, code);
        using var status = await registry.GetAsync(location);
        Assert.Equal("0-0", status.Header("Range"));
    }

    [Fact]
    public async Task A_stream_without_length_or_range_is_appended()
    {
        await using var registry = await TestRegistry.StartAsync();
        var content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        var location = await registry.BeginUploadAsync("a");
        using var patch = await registry.SendAsync("PATCH", location, new StreamContent(new MemoryStream(content)), ("Transfer-Encoding", "chunked"));
        await patch.MustBeAsync(HttpStatusCode.Accepted);
        Assert.Equal($"0-{content.Length - 1}", patch.Header("Range"));
        var digest = Digest.Of(content);
        using var put = await registry.SendAsync("PUT", $"{location}?digest={digest}");
        await put.MustBeAsync(HttpStatusCode.Created);
        using var get = await registry.GetAsync($"/v2/a/blobs/{digest}");
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Bytes_that_are_not_the_digests_are_refused_and_gone()
    {
        await using var registry = await TestRegistry.StartAsync();
        var other = Digest.Of("other"u8);
        var location = await registry.BeginUploadAsync("a");
        using var put = await registry.SendAsync("PUT", $"{location}?digest={other}", Hello);
        await put.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var post = await registry.SendAsync("POST", $"/v2/a/blobs/uploads/?digest={other}", Hello);
        await post.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var get = await registry.GetAsync($"/v2/a/blobs/{other}");
        await get.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        await registry.Server.Housekeeping.OnceAsync(TestRegistry.Stop);
        Assert.Empty(registry.BlobFiles);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?digest=")]
    [InlineData("?digest=sha256:abc")]
    [InlineData("?digest=md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("?digest=sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    public async Task A_digest_that_is_none_is_refused_and_the_session_goes_on(string query)
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        using var put = await registry.SendAsync("PUT", location + query, Hello);
        await put.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var again = await registry.SendAsync("PUT", $"{location}?digest={HelloDigest}", Hello);
        await again.MustBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_session_for_sha512_takes_chunks_and_an_unknown_algorithm_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        var digest = ContentHasher.DigestOf(Hello, DigestAlgorithm.Sha512);
        // Said or not, the digest of the PUT decides.
        foreach (var query in (string[])["?digest-algorithm=sha512", ""])
        {
            var location = await registry.BeginUploadAsync("a", query);
            using var patch = await registry.SendAsync("PATCH", location, Hello[..5]);
            await patch.MustBeAsync(HttpStatusCode.Accepted);
            using var put = await registry.SendAsync("PUT", $"{location}?digest={digest}", Hello[5..]);
            await put.MustBeAsync(HttpStatusCode.Created);
        }
        using var unknown = await registry.SendAsync("POST", "/v2/a/blobs/uploads/?digest-algorithm=blake3");
        await unknown.MustFailAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task A_cancelled_upload_is_gone_with_its_bytes()
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        using var patch = await registry.SendAsync("PATCH", location, Hello);
        Assert.Single(registry.BlobFiles);
        using var delete = await registry.SendAsync("DELETE", location);
        await delete.MustBeAsync(HttpStatusCode.NoContent);
        foreach (var method in (string[])["GET", "PATCH", "PUT", "DELETE"])
        {
            using var after = await registry.SendAsync(method, $"{location}?digest={HelloDigest}", method == "GET" ? null : Hello);
            await after.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }
        await registry.Server.Housekeeping.OnceAsync(TestRegistry.Stop);
        Assert.Empty(registry.BlobFiles);
    }

    [Fact]
    public async Task A_session_belongs_to_its_repository()
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        using var elsewhere = await registry.SendAsync("PATCH", location.Replace("/v2/a/", "/v2/b/", StringComparison.Ordinal), Hello);
        await elsewhere.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task A_blob_is_mounted_from_a_repository_that_shows_it_and_nowhere_else()
    {
        await using var registry = await TestRegistry.StartAsync();
        await registry.PushBlobAsync("source", Hello);
        using var mounted = await registry.SendAsync("POST", $"/v2/target/blobs/uploads/?mount={HelloDigest}&from=source");
        await mounted.MustBeAsync(HttpStatusCode.Created);
        Assert.Equal($"/v2/target/blobs/{HelloDigest}", mounted.Headers.Location!.ToString());
        using var get = await registry.GetAsync($"/v2/target/blobs/{HelloDigest}");
        Assert.Equal(Hello, await get.Content.ReadAsByteArrayAsync());

        using var hidden = await registry.GetAsync($"/v2/third/blobs/{HelloDigest}");
        await hidden.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        foreach (var from in (string[])["&from=absent", "", "&from=..%2Fsource"])
        {
            using var begun = await registry.SendAsync("POST", $"/v2/third/blobs/uploads/?mount={HelloDigest}{from}");
            await begun.MustBeAsync(HttpStatusCode.Accepted);
            Assert.StartsWith("/v2/third/blobs/uploads/", begun.Headers.Location!.ToString(), StringComparison.Ordinal);
        }
        Assert.Single(registry.BlobFiles);
    }

    [Fact]
    public async Task The_same_blob_pushed_by_many_at_once_is_kept_once()
    {
        await using var registry = await TestRegistry.StartAsync();
        var content = new byte[500_000];
        new Random(2).NextBytes(content);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => registry.PushBlobAsync($"repo{i % 3}", content)));
        await registry.Server.Housekeeping.OnceAsync(TestRegistry.Stop);
        Assert.Single(registry.BlobFiles);
        for (var i = 0; i < 3; i++)
        {
            using var get = await registry.GetAsync($"/v2/repo{i}/blobs/{Digest.Of(content)}");
            Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Of_two_that_send_the_same_chunk_at_once_one_is_told_where_the_upload_stands()
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => registry.SendAsync("PATCH", location, Hello, ("Content-Range", $"0-{Hello.Length - 1}"))));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable));
        using var put = await registry.SendAsync("PUT", $"{location}?digest={HelloDigest}");
        await put.MustBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_acknowledged_offset_survives_a_crash_and_the_upload_goes_on()
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        using var patch = await registry.SendAsync("PATCH", location, Hello[..7], ("Content-Range", "0-6"));
        // What was written and never acknowledged must not count.
        await File.AppendAllTextAsync(registry.BlobFiles.Single(), "unacknowledged", TestRegistry.Stop);
        await registry.CrashAsync();
        using var status = await registry.GetAsync(location);
        await status.MustBeAsync(HttpStatusCode.NoContent);
        Assert.Equal("0-6", status.Header("Range"));
        using var put = await registry.SendAsync("PUT", $"{location}?digest={HelloDigest}", Hello[7..], ("Content-Range", $"7-{Hello.Length - 1}"));
        await put.MustBeAsync(HttpStatusCode.Created);
        using var get = await registry.GetAsync($"/v2/a/blobs/{HelloDigest}");
        Assert.Equal(Hello, await get.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_a_one_request_upload_leaves_no_bytes_behind()
    {
        await using var registry = await TestRegistry.StartAsync();
        var arrived = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        var body = new HeldContent(Hello, arrived, released.Task);
        var post = registry.SendAsync("POST", $"/v2/a/blobs/uploads/?digest={HelloDigest}", body);
        await arrived.Task;
        while (registry.BlobFiles.Length == 0)
        {
            await Task.Yield();
        }
        await registry.CrashAsync();
        released.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => post);
        await registry.Server.Housekeeping.OnceAsync(TestRegistry.Stop);
        Assert.Empty(registry.BlobFiles);
        using var get = await registry.GetAsync($"/v2/a/blobs/{HelloDigest}");
        await get.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task What_arrived_before_the_connection_broke_need_not_be_sent_again()
    {
        await using var registry = await TestRegistry.StartAsync();
        var location = await registry.BeginUploadAsync("a");
        var body = new HeldContent(Hello[..9], new TaskCompletionSource(), Task.FromException(new IOException("cut")));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => registry.SendAsync("PATCH", location, body));
        string? range;
        do
        {
            using var status = await registry.GetAsync(location);
            range = status.Header("Range");
        }
        while (range == "0-0");
        Assert.Equal("0-8", range);
        using var put = await registry.SendAsync("PUT", $"{location}?digest={HelloDigest}", Hello[9..]);
        await put.MustBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_upload_left_standing_ends_in_time_and_one_that_moves_does_not()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var registry = await TestRegistry.StartAsync(time);
        var left = await registry.BeginUploadAsync("a");
        var moving = await registry.BeginUploadAsync("a");
        using var patch = await registry.SendAsync("PATCH", left, Hello);
        time.Advance(TimeSpan.FromHours(13));
        using var moved = await registry.SendAsync("PATCH", moving, Hello);
        time.Advance(TimeSpan.FromHours(13));
        await registry.Server.Housekeeping.OnceAsync(TestRegistry.Stop);
        using var gone = await registry.GetAsync(left);
        await gone.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        using var still = await registry.GetAsync(moving);
        await still.MustBeAsync(HttpStatusCode.NoContent);
        Assert.Single(registry.BlobFiles);
    }

    /// <summary>Sends some bytes of a body of unknown length, then waits before it ends.</summary>
    private sealed class HeldContent(byte[] first, TaskCompletionSource arrived, Task rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(first);
            await stream.FlushAsync();
            arrived.TrySetResult();
            await rest;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
