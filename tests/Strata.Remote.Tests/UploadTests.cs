using System.Net;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;
using static Strata.Remote.Tests.ScriptedHandler;

namespace Strata.Remote.Tests;

/// <summary>What an upload does when a registry breaks it off, forgets it, or answers strangely.</summary>
public sealed class UploadTests
{
    private static readonly RandomImage Image = RandomImage.Create(1, layerSize: 200_000);
    private static readonly Descriptor Layer = Image.Layers[0];
    private static readonly byte[] Content = Image.Blobs[1].Content;

    private readonly List<string> _ranges = [];
    private byte[] _kept = [];
    private bool _broke;

    [Fact]
    public async Task The_rest_is_sent_from_the_byte_that_the_registry_names()
    {
        var handler = new ScriptedHandler(request => AnswerAsync(request, keeps: 120_000, remembers: true));
        await PutAsync(handler);
        Assert.Equal(Content, _kept);
        Assert.Equal([$"120000-{Content.Length - 1}"], _ranges);
        Assert.Equal(["POST", "PUT", "HEAD", "GET", "PATCH", "PUT"], Methods(handler));
    }

    [Fact]
    public async Task An_upload_that_the_registry_has_forgotten_begins_anew()
    {
        var handler = new ScriptedHandler(request => AnswerAsync(request, keeps: 120_000, remembers: false));
        await PutAsync(handler);
        Assert.Equal(Content, _kept);
        Assert.Equal(["POST", "PUT", "HEAD", "GET", "POST", "PUT"], Methods(handler));
    }

    [Fact]
    public async Task An_upload_whose_last_answer_was_lost_is_not_sent_again()
    {
        var isThere = false;
        var handler = new ScriptedHandler(async request =>
        {
            switch (request.Method.Method)
            {
                case "POST":
                    return Answer(HttpStatusCode.Accepted, "", ("Location", "/up/1"));
                case "HEAD":
                    return Answer(isThere ? HttpStatusCode.OK : HttpStatusCode.NotFound);
                default:
                    await request.Content!.CopyToAsync(Stream.Null, Stop);
                    isThere = true;
                    throw new HttpRequestException(HttpRequestError.ResponseEnded, "gone");
            }
        });
        await PutAsync(handler);
        Assert.Equal(["POST", "PUT", "HEAD"], Methods(handler));
    }

    [Fact]
    public async Task A_registry_that_always_breaks_off_is_given_up_after_five_tries_with_a_sentence()
    {
        var notices = new Notices();
        var handler = new ScriptedHandler(request => request.Method.Method switch
        {
            "POST" => Answer(HttpStatusCode.Accepted, "", ("Location", "/up/1")),
            "PUT" => throw new HttpRequestException(HttpRequestError.ResponseEnded, "the server hung up"),
            _ => Answer(HttpStatusCode.NotFound),
        });
        var error = await Assert.ThrowsAsync<RegistryException>(() => PutAsync(handler, notices));
        Assert.Equal($"the upload of {Layer.Digest.Short} to {Host}/app broke and was given up after 5 tries: the server hung up.", error.Message);
        Assert.Equal("push again: what the registry has by then is not sent twice", error.Hint);
        Assert.Equal(5, Methods(handler).Count(method => method == "PUT"));
        Assert.Equal([1, 2, 3, 4], notices.Seen.Select(notice => notice.Failure));
    }

    [Fact]
    public async Task A_token_that_runs_out_on_the_way_is_renewed()
    {
        var puts = 0;
        var handler = new ScriptedHandler(async request =>
        {
            if (request.Method == HttpMethod.Put)
            {
                await request.Content!.CopyToAsync(Stream.Null, Stop);
                return Answer(puts++ == 0 ? HttpStatusCode.Unauthorized : HttpStatusCode.Created);
            }
            return request.Method == HttpMethod.Post ? Answer(HttpStatusCode.Accepted, "", ("Location", "/up/1")) : Answer(HttpStatusCode.NotFound);
        });
        await PutAsync(handler);
        Assert.Equal(2, puts);
    }

    [Fact]
    public async Task A_source_that_fails_is_not_the_registrys_fault()
    {
        var handler = new ScriptedHandler(async request =>
        {
            if (request.Content is { } body)
            {
                await body.CopyToAsync(Stream.Null, Stop);
            }
            return Answer(HttpStatusCode.Accepted, "", ("Location", "/up/1"));
        });
        var error = await Assert.ThrowsAnyAsync<IOException>(async () => await Repository(handler).PutBlobAsync(Layer, new BreakingStream(Content, 1000), Stop));
        Assert.IsNotType<RegistryException>(error);
        Assert.Single(Methods(handler), "PUT");
    }

    private static List<string> Methods(ScriptedHandler handler) => [.. handler.Requests.Select(request => request.Split(' ')[0])];

    private static async Task PutAsync(ScriptedHandler handler, Notices? notices = null)
    {
        var source = new MemoryMedium();
        await Image.WriteAsync(source, Tag.Latest, Stop);
        using var content = await source.OpenBlobAsync(Layer, Stop);
        await Repository(handler, reach: new Reach { Retries = notices }).ReadingAgainFrom(source).PutBlobAsync(Layer, content!, Stop);
    }

    // Takes so many bytes of the first body and breaks; tells of them afterwards, or of nothing.
    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, int keeps, bool remembers)
    {
        switch (request.Method.Method)
        {
            case "POST":
                _kept = [];
                return Answer(HttpStatusCode.Accepted, "", ("Location", "/up/1"));
            case "GET":
                return remembers ? Answer(HttpStatusCode.NoContent, "", ("Range", $"0-{_kept.Length - 1}"), ("Location", "/up/1?state=2")) : Answer(HttpStatusCode.NotFound);
            case "HEAD":
                return Answer(HttpStatusCode.NotFound);
            case "PATCH":
                Assert.Equal("/up/1?state=2", request.RequestUri!.PathAndQuery);
                _ranges.Add(request.Content!.Headers.GetValues("Content-Range").Single());
                _kept = [.. _kept, .. await request.Content.ReadAsByteArrayAsync(Stop)];
                return Answer(HttpStatusCode.Accepted, "", ("Location", "/up/1?state=3"));
        }
        var body = await request.Content!.ReadAsByteArrayAsync(Stop);
        var isFirst = !_broke;
        _kept = [.. _kept, .. isFirst ? body[..keeps] : body];
        if (isFirst)
        {
            _broke = true;
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "gone");
        }
        return Answer(HttpStatusCode.Created);
    }
}
