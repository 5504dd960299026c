using System.Net;
using Strata.Oci;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;
using static Strata.Remote.Tests.ScriptedHandler;

namespace Strata.Remote.Tests;

public sealed class ForeignLayerTests
{
    private static readonly RandomImage Image = RandomImage.Create(1);
    private static readonly byte[] Content = Image.Blobs[1].Content;

    [Fact]
    public async Task A_layer_that_is_elsewhere_is_fetched_only_when_that_is_allowed()
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == Host ? Answer(HttpStatusCode.NotFound) : Bytes(HttpStatusCode.OK, new MemoryStream(Content)));
        Assert.Null(await Repository(handler).OpenBlobAsync(Layer("https://elsewhere.example/l"), Stop));
        Assert.Single(handler.Requests);
        Assert.Equal(Content, await ImageAssert.ReadBlob(Repository(handler, reach: Allowed), Layer("https://elsewhere.example/l"), Stop));
    }

    [Theory]
    [InlineData("http://elsewhere.example/l")]
    [InlineData("https://127.0.0.1/l")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://localhost/l")]
    [InlineData("https://user:pass@elsewhere.example/l")]
    [InlineData("file:///etc/passwd")]
    public async Task Places_that_only_this_machine_reaches_and_plain_ones_are_not_asked(string url)
    {
        var handler = new ScriptedHandler(_ => Answer(HttpStatusCode.NotFound));
        Assert.Null(await Repository(handler, reach: Allowed).OpenBlobAsync(Layer(url), Stop));
        Assert.Single(handler.Requests);
    }

    [Theory]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[::1]/l")]
    [InlineData("https://10.0.0.1/l")]
    public async Task Redirects_to_what_only_this_machine_reaches_are_not_followed(string url)
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == Host ? Answer(HttpStatusCode.NotFound)
            : Answer(HttpStatusCode.Found, "", ("Location", request.RequestUri.AbsolutePath == "/l" ? "https://elsewhere.example/m" : url)));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler, reach: Allowed).OpenBlobAsync(Layer("https://elsewhere.example/l"), Stop));
        Assert.Contains("is not followed", error.Message, StringComparison.Ordinal);
        Assert.Equal(["GET https://elsewhere.example/l", "GET https://elsewhere.example/m"], handler.Requests.Skip(1));
    }

    [Theory]
    [InlineData("Basic realm=\"x\"")]
    [InlineData("Bearer realm=\"https://elsewhere.example/token\"")]
    public async Task Whoever_asks_there_for_a_login_gets_none(string challenge)
    {
        var handler = new ScriptedHandler(request => request.RequestUri!.Host == Host
            ? Answer(request.Headers.Authorization is null ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound, "", ("WWW-Authenticate", "Basic realm=\"registry\""))
            : Answer(HttpStatusCode.Unauthorized, "", ("WWW-Authenticate", challenge)));
        await Assert.ThrowsAsync<RegistryException>(async () => await Repository(handler, Alice, reach: Allowed).OpenBlobAsync(Layer("https://elsewhere.example/l"), Stop));
        Assert.Equal(["GET https://elsewhere.example/l"], handler.Requests.Where(request => request.Contains("elsewhere", StringComparison.Ordinal)));
    }

    private static Reach Allowed => new() { FetchesForeignLayers = true };

    private static Descriptor Layer(string url) => Image.Layers[0] with { Urls = [url] };
}
