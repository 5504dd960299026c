using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;
using static Strata.Remote.Tests.ScriptedHandler;

namespace Strata.Remote.Tests;

public sealed class TransferTests
{
    private static readonly RandomImage Image = RandomImage.Create(1, layerSize: 200_000);
    private static readonly Descriptor Layer = Image.Layers[0];
    private static readonly byte[] Content = Image.Blobs[1].Content;

    [Fact]
    public async Task A_blob_that_breaks_off_goes_on_from_the_same_byte()
    {
        var starts = new List<long>();
        var handler = new ScriptedHandler(request =>
        {
            var from = request.Headers.Range?.Ranges.First().From ?? 0;
            starts.Add(from);
            var response = Bytes(from == 0 ? HttpStatusCode.OK : HttpStatusCode.PartialContent, new BreakingStream(Content, Math.Min(Content.Length, (int)from + 70_000), (int)from));
            if (from > 0)
            {
                response.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, Content.Length - 1, Content.Length);
            }
            return response;
        });
        Assert.Equal(Content, await ImageAssert.ReadBlob(Repository(handler), Layer, Stop));
        Assert.Equal([0, 70_000, 140_000], starts);
    }

    [Fact]
    public async Task A_registry_that_ignores_the_range_is_read_up_to_the_byte()
    {
        var first = true;
        var handler = new ScriptedHandler(_ =>
        {
            var cut = first ? 50_000 : Content.Length;
            first = false;
            return Bytes(HttpStatusCode.OK, new BreakingStream(Content, cut));
        });
        Assert.Equal(Content, await ImageAssert.ReadBlob(Repository(handler), Layer, Stop));
    }

    [Fact]
    public async Task A_body_that_just_ends_early_is_gone_on_with_too()
    {
        var handler = new ScriptedHandler(request => Bytes(
            HttpStatusCode.OK, new PrefixedStream(request.Headers.Range is null ? Content.AsMemory(0, 1000) : Content, Stream.Null)));
        Assert.Equal(Content, await ImageAssert.ReadBlob(Repository(handler), Layer, Stop));
    }

    [Fact]
    public async Task A_blob_that_never_gets_further_fails_with_a_sentence()
    {
        var handler = new ScriptedHandler(_ => Bytes(HttpStatusCode.OK, new BreakingStream(Content, 1000)));
        var error = await Assert.ThrowsAnyAsync<IOException>(() => ImageAssert.ReadBlob(Repository(handler), Layer, Stop));
        Assert.Contains($"broke off after 1,000 of {Content.Length:N0} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_with_other_bytes_is_refused()
    {
        var handler = new ScriptedHandler(_ => Bytes(HttpStatusCode.OK, new MemoryStream(new byte[Content.Length])));
        await Assert.ThrowsAsync<ContentMismatchException>(() => ImageAssert.ReadBlob(Repository(handler), Layer, Stop));
    }

    [Fact]
    public async Task A_blob_from_which_nothing_arrives_is_asked_for_again()
    {
        var time = new FakeTimeProvider();
        var stuck = new StuckStream();
        var bodies = new Queue<Stream>([stuck, new MemoryStream(Content)]);
        var handler = new ScriptedHandler(_ => Bytes(HttpStatusCode.OK, bodies.Dequeue()));
        var reading = ImageAssert.ReadBlob(Repository(handler, time: time), Layer, Stop);
        await stuck.IsBeingRead.WaitAsync(Stop);
        time.Advance(IdleTimeout);
        Assert.Equal(Content, await Advancing(time, reading));
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task A_registry_that_is_busy_is_asked_again_when_it_says()
    {
        var time = new FakeTimeProvider();
        var asked = new List<DateTimeOffset>();
        var handler = new ScriptedHandler(_ =>
        {
            asked.Add(time.GetUtcNow());
            return asked.Count switch
            {
                1 => Answer(HttpStatusCode.TooManyRequests, "", ("Retry-After", "7")),
                2 => Answer(HttpStatusCode.ServiceUnavailable),
                _ => Answer(HttpStatusCode.OK),
            };
        });
        Assert.True(await Advancing(time, Repository(handler, time: time).HasBlobAsync(Layer, Stop).AsTask()));
        Assert.Equal(3, asked.Count);
        Assert.True(asked[1] - asked[0] >= TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task A_registry_that_wants_too_long_a_wait_is_not_waited_for()
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.TooManyRequests, """{"errors":[{"code":"TOOMANYREQUESTS","message":"slow\u001b[31m down"}]}""", ("Retry-After", "3600")));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler).HasBlobAsync(Layer, Stop));
        Assert.Contains("(TOOMANYREQUESTS: slow [31m down)", error.Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_page_of_a_proxy_does_not_end_up_in_the_message()
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.Forbidden, "<html><body>Blocked by policy</body></html>", ("Content-Type", "text/html")));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler).OpenBlobAsync(Layer, Stop));
        Assert.DoesNotContain("html", error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"GET https://{Host}/v2/app/blobs/{Layer.Digest} was answered with 403 Forbidden.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_reached_is_said_in_one_sentence()
    {
        var handler = new ScriptedHandler(new Func<HttpRequestMessage, HttpResponseMessage>(_ => throw new HttpRequestException(HttpRequestError.NameResolutionError, "x")));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler).HasBlobAsync(Layer, Stop));
        Assert.Equal($"There is no host {Host}: its name cannot be resolved.", error.Message);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_manifest_other_than_the_one_asked_for_is_refused()
    {
        var other = RandomImage.Create(2).Manifest;
        var handler = new ScriptedHandler(request => Manifest(other, request.RequestUri!.AbsolutePath.EndsWith("latest", StringComparison.Ordinal) ? Image.Manifest.Digest : null));
        var repository = Repository(handler);
        var byDigest = await Assert.ThrowsAsync<InvalidImageException>(async () => await repository.GetManifestAsync(ManifestKey.ByDigest(Image.Manifest.Digest), Stop));
        Assert.Contains($"should be {Image.Manifest.Digest}, but what came is {other.Digest}", byDigest.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidImageException>(async () => await repository.GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop));
    }

    [Theory]
    [InlineData(MediaTypes.DockerSchema1Signed, "{}", "schema version 1")]
    [InlineData(MediaTypes.OciIndex, null, "cannot be read")]
    [InlineData("text/html", "<html>", "came as a web page")]
    public async Task A_manifest_that_is_none_is_refused(string type, string? body, string reason)
    {
        var handler = new ScriptedHandler(_ => Manifest(body is null ? Image.Manifest with { MediaType = type } : new StoredManifest(System.Text.Encoding.UTF8.GetBytes(body), type), null));
        var error = await Assert.ThrowsAsync<InvalidImageException>(async () => await Repository(handler).GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_without_end_is_not_read_to_it()
    {
        var handler = new ScriptedHandler(_ => Bytes(HttpStatusCode.OK, new MemoryStream(new byte[5 << 20])));
        await Assert.ThrowsAsync<ContentTooLargeException>(async () => await Repository(handler).GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop));
    }

    [Fact]
    public async Task Tags_are_listed_page_by_page()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Query switch
        {
            "?n=1000" => Answer(HttpStatusCode.OK, """{"name":"app","tags":["a","b"]}""", ("Link", "</v2/app/tags/list?n=1000&last=b>; rel=\"next\"")),
            "?n=1000&last=b" => Answer(HttpStatusCode.OK, """{"tags":["c","not a tag",null]}""", ("Link", "<https://registry.example/v2/app/tags/list?n=1000&last=c>;rel=next")),
            _ => Answer(HttpStatusCode.OK, """{"tags":null}"""),
        });
        var tags = await Repository(handler).ListTagsAsync(Stop).Select(t => t.ToString()).ToListAsync(Stop);
        Assert.Equal(["a", "b", "c"], tags);
        Assert.Equal(3, handler.Requests.Count);
    }

    [Fact]
    public async Task A_next_page_at_another_host_is_not_followed()
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.OK, """{"tags":["a"]}""", ("Link", "<https://evil.example/>; rel=\"next\"")));
        await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler).ListTagsAsync(Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_blob_is_mounted_and_what_cannot_be_mounted_uses_the_upload_that_was_begun()
    {
        var handler = new ScriptedHandler(request => request.Method != HttpMethod.Post ? Answer(HttpStatusCode.Created)
            : request.RequestUri!.Query.Contains("from=base", StringComparison.Ordinal) ? Answer(HttpStatusCode.Created)
            : Answer(HttpStatusCode.Accepted, "", ("Location", "https://registry.example/up/7")));
        var repository = Repository(handler);
        Assert.Equal("base", await repository.MountingFrom(_ => RepositoryName.Parse("base")).TryMountAsync(Layer, Stop));
        var other = repository.MountingFrom(_ => RepositoryName.Parse("other"));
        Assert.Null(await other.TryMountAsync(Layer, Stop));
        await other.PutBlobAsync(Layer, new MemoryStream(Content), Stop);
        Assert.Equal($"PUT https://{Host}/up/7?digest={Uri.EscapeDataString(Layer.Digest.ToString())}", handler.Requests.Last());
        Assert.Equal(3, handler.Requests.Count);
    }

    [Fact]
    public async Task What_cannot_be_mounted_is_uploaded_with_the_token_that_was_got_for_mounting()
    {
        const string Challenge = "Bearer realm=\"https://auth.example/token\"";
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == "auth.example" ? Answer(HttpStatusCode.OK, """{"token":"t1"}""")
            : request.Headers.Authorization is null ? Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", Challenge))
            : request.Method == HttpMethod.Post ? Answer(HttpStatusCode.Accepted, "", ("Location", "https://registry.example/up/7"))
            : Answer(HttpStatusCode.Created));
        var repository = Repository(handler).MountingFrom(_ => RepositoryName.Parse("other"));
        Assert.Null(await repository.TryMountAsync(Layer, Stop));
        await repository.PutBlobAsync(Layer, new MemoryStream(Content), Stop);
        Assert.EndsWith("Bearer t1", handler.Requests.Last(), StringComparison.Ordinal);
    }

    private static HttpResponseMessage Manifest(StoredManifest manifest, Digest? header)
    {
        var response = Bytes(HttpStatusCode.OK, new MemoryStream(manifest.Raw.ToArray()));
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(manifest.MediaType);
        if (header is { } digest)
        {
            response.Headers.Add("Docker-Content-Digest", digest.ToString());
        }
        return response;
    }

    // Lets time pass for as long as the work waits for it.
    private static async Task<T> Advancing<T>(FakeTimeProvider time, Task<T> work)
    {
        while (!work.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        return await work;
    }

    private sealed class StuckStream : ReadOnlyStream
    {
        private readonly TaskCompletionSource _read = new();

        public Task IsBeingRead => _read.Task;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _read.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
