using System.Collections.Concurrent;
using System.Net;
using Strata.Oci;
using Strata.Remote.Certificates;
using Strata.Remote.Transport;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>Names that come from outside and mean what only this machine and its neighbours reach.</summary>
public sealed class OutwardConnectionTests : IAsyncLifetime
{
    private static readonly RandomImage Image = RandomImage.Create(1);
    private readonly ConcurrentQueue<string> _resolved = new();
    private readonly RawHttpServer _inside = new((_, connection, _) => RawHttpServer.AnswerAsync(connection, "200 OK", "secret"u8.ToArray()));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Port => _inside.Authority.Split(':')[1];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _inside.DisposeAsync();

    [Fact]
    public async Task A_layer_whose_place_turns_out_to_be_this_machine_is_not_asked_for()
    {
        await using var registry = new RawHttpServer((_, connection, _) => RawHttpServer.AnswerAsync(connection, "404 Not Found", default));
        using var handler = Handler();
        using var client = new RegistryClient(handler, new RegistryClientOptions { Time = HastyTime.Instance, IdleTimeout = Scripted.IdleTimeout });
        var repository = client.Repository(registry.Authority, RepositoryName.Parse("app"), new Reach { FetchesForeignLayers = true });
        var layer = Image.Layers[0] with { Urls = [$"https://layers.example:{Port}/l"] };
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await repository.OpenBlobAsync(layer, Stop));
        Assert.Equal(
            $"GET https://layers.example:{Port}/l is not sent: layers.example means 127.0.0.1, which nobody but this machine and its neighbours may reach.", error.Message);
        Assert.Equal("layers.example", _resolved.Last());
        Assert.Empty(_inside.Requests);
    }

    /// <summary>Null: to a place that anybody may have named.</summary>
    [Theory]
    [InlineData(null, false)]
    [InlineData("never-reached.example", false)]
    [InlineData("inside.example", true)]
    [InlineData("127.0.0.1", true)]
    public async Task A_token_server_inside_is_for_registries_inside(string? registry, bool isReached)
    {
        using var handler = Handler();
        using var http = new HttpMessageInvoker(handler);
        if (registry == "inside.example")
        {
            using var challenged = new HttpRequestMessage(HttpMethod.Get, $"http://{registry}:{Port}/v2/");
            using var challenge = await http.SendAsync(challenged, Stop);
            _inside.Requests.Clear();
        }
        using var message = new HttpRequestMessage(HttpMethod.Get, $"http://layers.example:{Port}/token");
        var rule = registry is null
            ? AddressRule.OutsideAlone
            : AddressRule.For(new RegistryEndpoint(registry, new Uri($"http://{registry}/")), message.RequestUri!);
        new RegistryTrust("registry.example", false, false) { Addresses = rule }.SetOn(message);
        if (isReached)
        {
            using var answer = await http.SendAsync(message, Stop);
            Assert.Equal("secret", await answer.Content.ReadAsStringAsync(Stop));
        }
        else
        {
            var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(message, Stop));
            Assert.IsType<InnerAddressException>(error.InnerException);
            Assert.Empty(_inside.Requests);
        }
    }

    [Fact]
    public async Task What_goes_through_a_proxy_is_the_proxys_to_resolve()
    {
        using var handler = Handler(("http_proxy", $"http://{_inside.Authority}"));
        using var http = new HttpMessageInvoker(handler);
        using var message = new HttpRequestMessage(HttpMethod.Get, "http://layers.example/l");
        new RegistryTrust("registry.example", false, false) { Addresses = AddressRule.OutsideAlone }.SetOn(message);
        using var answer = await http.SendAsync(message, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["GET http://layers.example/l"], _inside.Requests);
    }

    [Fact]
    public async Task A_proxy_inside_tunnels_to_a_token_server_of_a_registry_outside()
    {
        using var handler = Handler(("https_proxy", $"http://layers.example:{Port}"));
        using var http = new HttpMessageInvoker(handler);
        using var message = new HttpRequestMessage(HttpMethod.Get, "https://auth.example/token");
        var rule = AddressRule.For(new RegistryEndpoint("outside.example", new Uri("https://outside.example/")), message.RequestUri!);
        new RegistryTrust("outside.example", false, false) { Addresses = rule }.SetOn(message);
        // It answers in plain text where TLS should begin: that it was asked is what counts.
        await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(message, Stop));
        Assert.Equal(["CONNECT auth.example:443"], _inside.Requests);
    }

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.0.0.1 ::ffff:192.168.1.1 fd00::1", true)]
    [InlineData("203.0.113.1", false)]
    [InlineData("203.0.113.1 10.0.0.1", false)]
    [InlineData("10.0.0.1 203.0.113.1", false)]
    [InlineData("10.0.0.1 203.0.113.1 10.0.0.1", false)]
    public void A_host_is_inside_where_it_was_reached_there_and_nowhere_else(string connections, bool isInside)
    {
        var reached = new ReachedHosts();
        Assert.False(reached.IsInside("registry.example"));
        foreach (var address in connections.Split(' '))
        {
            reached.Add("registry.example", IPAddress.Parse(address));
            reached.Add("other.example", IPAddress.Loopback);
        }
        Assert.Equal(isInside, reached.IsInside("registry.example"));
    }

    [Theory]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("127.1.2.3", true)]
    [InlineData("192.168.1.1", true)]
    [InlineData("172.31.0.1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("100.100.100.200", true)]
    [InlineData("192.0.0.192", true)]
    [InlineData("198.19.255.255", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("ff02::1", true)]
    [InlineData("64:ff9b::a9fe:a9fe", true)]
    [InlineData("64:ff9b::cb00:7101", false)]
    [InlineData("::ffff:203.0.113.1", false)]
    [InlineData("100.128.0.1", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("198.20.0.1", false)]
    [InlineData("172.15.0.1", false)]
    [InlineData("2001:db8::1", false)]
    public void Addresses_are_inner_or_not(string address, bool isInner) => Assert.Equal(isInner, InnerAddress.Is(IPAddress.Parse(address)));

    /// <summary>Neither does one whose name server says that it is inside too, or instead.</summary>
    [Theory]
    [InlineData("outside.example")]
    [InlineData("two-faced.example")]
    [InlineData("pretending.example")]
    public async Task A_registry_outside_sends_nobody_inside_by_a_redirect(string registry)
    {
        using var handler = new RegistryOutside(Handler(), $"https://layers.example:{Port}/l");
        using var client = new RegistryClient(handler, new RegistryClientOptions { Time = HastyTime.Instance, IdleTimeout = Scripted.IdleTimeout });
        var repository = client.Repository(registry, RepositoryName.Parse("app"));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await repository.OpenBlobAsync(Image.Layers[0], Stop));
        Assert.EndsWith(
            "layers.example means 127.0.0.1, which nobody but this machine and its neighbours may reach.", error.Message, StringComparison.Ordinal);
        Assert.Equal(["layers.example"], _resolved);
        Assert.Empty(_inside.Requests);
    }

    [Fact]
    public async Task A_registry_outside_sends_nobody_inside_by_the_place_of_an_upload()
    {
        using var handler = new RegistryOutside(Handler(), $"https://127.0.0.1:{Port}/up/1");
        using var client = new RegistryClient(handler, new RegistryClientOptions { Time = HastyTime.Instance, IdleTimeout = Scripted.IdleTimeout });
        var repository = client.Repository("outside.example", RepositoryName.Parse("app"));
        var error = await Assert.ThrowsAsync<RegistryException>(async () => await repository.PutBlobAsync(Image.Layers[0], new MemoryStream(Image.Blobs[1].Content), Stop));
        Assert.Contains("it leads to 127.0.0.1, which nobody but this machine and its neighbours may reach", error.Message, StringComparison.Ordinal);
        Assert.Empty(_inside.Requests);
    }

    /// <summary>A registry that sends its clients to a place; what goes elsewhere is really sent.</summary>
    private sealed class RegistryOutside(RegistryHandler elsewhere, string place) : DelegatingHandler(elsewhere)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.Host is "layers.example" or "127.0.0.1" ? base.SendAsync(request, cancellationToken)
            : Task.FromResult(request.Method == HttpMethod.Get && request.RequestUri.AbsolutePath == "/v2/" ? Answered(request, HttpStatusCode.OK)
            : Answered(request, request.Method == HttpMethod.Post ? HttpStatusCode.Accepted : HttpStatusCode.TemporaryRedirect));

        private HttpResponseMessage Answered(HttpRequestMessage request, HttpStatusCode status) =>
            new(status) { RequestMessage = request, Headers = { Location = new Uri(place) } };
    }

    private RegistryHandler Handler(params (string Name, string Value)[] variables) =>
        new(new EnvironmentProxy(name => variables.FirstOrDefault(v => v.Name == name).Value), CertificateFolders.None, (host, _) =>
        {
            _resolved.Enqueue(host);
            return Task.FromResult<IPAddress[]>(host switch
            {
                "layers.example" => [IPAddress.Loopback],
                // Nobody listens at the first.
                "inside.example" => [IPAddress.IPv6Loopback, IPAddress.Loopback],
                "two-faced.example" => [IPAddress.Parse("203.0.113.1"), IPAddress.Loopback],
                "pretending.example" => [IPAddress.Loopback],
                _ => [IPAddress.Parse(host)],
            });
        });
}
