using System.Net;
using System.Net.Http.Headers;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Remote.Configuration;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;
using static Strata.Remote.Tests.ScriptedHandler;

namespace Strata.Remote.Tests;

public sealed class MirrorTests
{
    private static readonly RandomImage Image = RandomImage.Create(1);
    private readonly Notices _notices = new();

    [Fact]
    public async Task An_image_comes_from_its_mirror_and_what_that_lacks_from_its_own_place()
    {
        var missing = Image.Layers[0].Digest;
        var handler = Serving(request => request.RequestUri!.Host == Host || !request.RequestUri.AbsolutePath.EndsWith(missing.ToString(), StringComparison.Ordinal));
        await CopyAsync(handler);
        Assert.Equal([missing.ToString()], handler.Requests.Where(r => r.Contains($"//{Host}/", StringComparison.Ordinal)).Select(r => r[(r.LastIndexOf('/') + 1)..]));
    }

    [Fact]
    public async Task A_mirror_that_fails_is_told_of_and_gone_round()
    {
        var handler = Serving(request => request.RequestUri!.Host == Host ? true : throw new HttpRequestException(HttpRequestError.NameResolutionError, "x"));
        await CopyAsync(handler);
        Assert.Contains(_notices.Seen, notice => notice.What == "the mirror near.example/app" && notice.Reason == "There is no host near.example: its name cannot be resolved");
    }

    [Fact]
    public async Task A_mirror_with_other_bytes_is_gone_round_too()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == Host ? Serve(request) : Answer(HttpStatusCode.OK, "<html>", ("Content-Type", "text/html")));
        await CopyAsync(handler);
    }

    [Fact]
    public async Task A_mirror_that_sends_too_much_is_gone_round_too()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == Host ? Serve(request)
            : Bytes(HttpStatusCode.OK, new MemoryStream(new byte[20 << 20])));
        await CopyAsync(handler);
    }

    [Fact]
    public async Task What_is_attached_is_asked_for_where_it_may_be()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == Host
            ? Answer(HttpStatusCode.OK, $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciIndex}}}","manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Image.Manifest.Digest}}}","size":7}]}""", ("Content-Type", MediaTypes.OciIndex))
            : Answer(HttpStatusCode.NotFound));
        using var client = Client(handler, MirrorUse.All);
        var source = Assert.IsAssignableFrom<IReferrerReader>(client.Source(Reference.Parse($"{Host}/app"), Reach.Usual));
        Assert.Equal(Image.Manifest.Digest, Assert.Single(await source.ListReferrersAsync(Image.Layers[0].Digest, Stop)).Digest);
    }

    [Theory]
    [InlineData(MirrorUse.All, "near.example")]
    [InlineData(MirrorUse.DigestsOnly, Host)]
    public async Task Tags_are_listed_where_the_image_came_from(MirrorUse use, string expected)
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.AbsolutePath.EndsWith("/tags/list", StringComparison.Ordinal)
            ? Answer(HttpStatusCode.OK, """{"tags":["one","two"]}""")
            : Serve(request));
        using var client = Client(handler, use);
        var source = client.Source(Reference.Parse($"{Host}/app"), Reach.Usual);
        Assert.NotNull(await source.GetManifestAsync(ManifestKey.ByTag(Tag.Latest), Stop));
        Assert.Equal(["one", "two"], (await source.AllTagsAsync(Stop)).Select(tag => tag.ToString()));
        Assert.Equal(expected, new Uri(handler.Requests.Last().Split(' ')[1]).Host);
    }

    [Fact]
    public async Task A_mirror_for_digests_is_not_asked_for_tags()
    {
        var handler = Serving(_ => true);
        await CopyAsync(handler, MirrorUse.DigestsOnly);
        Assert.DoesNotContain(handler.Requests, r => r.Contains("near.example/v2/app/manifests/latest", StringComparison.Ordinal));
        Assert.Contains(handler.Requests, r => r.Contains($"//{Host}/v2/app/manifests/latest", StringComparison.Ordinal));
    }

    private static ScriptedHandler Serving(Func<HttpRequestMessage, bool> has) => new(request => has(request) ? Serve(request) : Answer(HttpStatusCode.NotFound));

    private static HttpResponseMessage Serve(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (path.Contains("/manifests/", StringComparison.Ordinal))
        {
            var response = Bytes(HttpStatusCode.OK, new MemoryStream(Image.Manifest.Raw.ToArray()));
            response.Content.Headers.ContentType = new MediaTypeHeaderValue(Image.Manifest.MediaType);
            return response;
        }
        return Bytes(HttpStatusCode.OK, new MemoryStream(Image.Blobs.First(blob => path.EndsWith(blob.Descriptor.Digest.ToString(), StringComparison.Ordinal)).Content));
    }

    private static RegistryClient Client(ScriptedHandler handler, MirrorUse use) => new(handler, new RegistryClientOptions
    {
        Time = HastyTime.Instance,
        IdleTimeout = IdleTimeout,
        Rules = new RegistryRules { Rules = [new RegistryRule { Prefix = Host, Mirrors = [new RegistryMirror("near.example", false, use)] }] },
    });

    private async Task CopyAsync(ScriptedHandler handler, MirrorUse use = MirrorUse.All)
    {
        using var client = Client(handler, use);
        var target = new MemoryMedium();
        var source = client.Source(Reference.Parse($"{Host}/app"), new Reach { Retries = _notices });
        Assert.IsType<CopyResult.Copied>(await ImageCopy.CopyAsync(source, target, ManifestKey.ByTag(Tag.Latest), new CopyOptions { Tag = Tag.Latest }, null, Stop));
        await ImageAssert.Valid(target, ManifestKey.ByTag(Tag.Latest), Stop);
    }
}
