using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Strata.Testing;
using static Strata.EndToEnd.ScriptedRegistry;

namespace Strata.EndToEnd;

/// <summary>The ways to a registry, and the logins for it.</summary>
public sealed class ReachingRegistries
{
    private const string Host = "registry.strata.test";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_proxy_is_gone_through_and_asked_for_a_password_and_NO_PROXY_goes_round_it()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        using var authority = new TestAuthority();
        using var certificate = authority.Sign(Host);
        await using var registry = new ScriptedRegistry(certificate);
        await using var open = new ConnectProxy(registry.Authority);
        await using var closed = new ConnectProxy(registry.Authority, "alice:open sesame");
        var environment = place.Environment(place.StoreRoot);
        environment["SSL_CERT_FILE"] = Path.Combine(place.Context("trust", ("ca.pem", authority.Pem)), "ca.pem");

        (await PullAsync(("HTTPS_PROXY", open.Authority))).Succeeded();
        Assert.Equal($"{Host}:443", open.Passed.Distinct().Single());
        (await PullAsync(("https_proxy", $"http://alice:open%20sesame@{closed.Authority}"))).Succeeded();
        Assert.NotEmpty(closed.Passed);
        (await PullAsync(("HTTPS_PROXY", closed.Authority))).FailedSaying("The proxy lets nobody through", "407", "HTTPS_PROXY names the proxy");
        (await PullAsync(("HTTPS_PROXY", open.Authority), ("NO_PROXY", "strata.test"))).FailedSaying($"There is no host {Host}");

        Task<CommandResult> PullAsync(params (string Name, string Value)[] variables)
        {
            var mine = new Dictionary<string, string>(environment);
            foreach (var (name, value) in variables)
            {
                mine[name] = value;
            }
            return Command.RunAsync(Workplace.Executable, ["pull", "-q", $"{Host}/app:1"], mine);
        }
    }

    [Fact]
    public async Task Where_a_server_has_HTTP_2_that_is_what_it_hears()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        using var authority = new TestAuthority();
        using var certificate = authority.Sign();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var environment = place.Environment(place.StoreRoot);
        environment["SSL_CERT_FILE"] = Path.Combine(place.Context("trust", ("ca.pem", authority.Pem)), "ca.pem");
        var pulling = Command.RunAsync(Workplace.Executable, ["pull", $"{listener.LocalEndpoint}/app:1"], environment);

        using var client = await listener.AcceptTcpClientAsync(Stop);
        await using var secure = new SslStream(client.GetStream());
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate, ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }, Stop);
        var preface = new byte[24];
        await secure.ReadExactlyAsync(preface, Stop);
        Assert.Equal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Encoding.ASCII.GetString(preface));
        secure.Close();
        listener.Stop();
        (await pulling).FailedSaying("error: pulling");
    }

    [Fact]
    public async Task Each_repository_may_have_a_login_of_its_own_and_all_are_forgotten_at_once()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        await using var registry = new ScriptedRegistry();
        registry.When("GET", "/", (request, connection, _) =>
            request.Headers.GetValueOrDefault("Authorization") is not { } given ? SendAsync(connection, "401 Unauthorized", default, "WWW-Authenticate: Basic realm=\"x\"")
            : request.Path.StartsWith("/v2/app/", StringComparison.Ordinal) && UserOf(given) != "team" ? SendAsync(connection, "403 Forbidden")
            : request.Path.EndsWith("/manifests/1", StringComparison.Ordinal) ? SendAsync(connection, Image.Manifest)
            : SendAsync(connection, "200 OK", Image.Blobs.FirstOrDefault(blob => request.Path.EndsWith(blob.Descriptor.Digest.ToString(), StringComparison.Ordinal)).Content ?? []));

        (await LoginAsync("everybody", registry.Authority)).Succeeded();
        (await place.StrataAsync("pull", registry.Name)).FailedSaying("was answered with 403");
        (await LoginAsync("team", $"{registry.Authority}/app")).Succeeded();
        (await place.StrataAsync("pull", registry.Name)).Succeeded();
        Assert.Equal("everybody\n", (await place.StrataAsync("login", "--get-login", registry.Authority)).Succeeded().Output);
        Assert.Equal("team\n", (await place.StrataAsync("login", "--get-login", $"{registry.Authority}/app")).Succeeded().Output);
        Assert.Contains("(2)", (await place.StrataAsync("logout", "--all")).Succeeded().Output, StringComparison.Ordinal);
        (await place.StrataAsync("login", "--get-login", registry.Authority)).FailedSaying("nobody is logged in");
        (await place.StrataAsync("pull", registry.Name)).FailedSaying("strata login");

        Task<CommandResult> LoginAsync(string user, string at) =>
            Command.RunAsync(Workplace.Executable, ["login", "-u", user, "--password-stdin", at], place.Environment(place.StoreRoot), input: "x");
    }

    [Fact]
    public async Task Where_the_token_server_gives_a_token_for_later_the_password_is_kept_nowhere()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        await using var registry = new ScriptedRegistry();
        registry.When("GET", "/v2/", (request, connection, _) => request.Headers.GetValueOrDefault("Authorization") == "Bearer let-in"
            ? SendAsync(connection, "200 OK")
            : SendAsync(connection, "401 Unauthorized", default, $"WWW-Authenticate: Bearer realm=\"http://{registry.Authority}/token\",service=\"x\""));
        registry.When("GET", "/token", (request, connection, _) => request.Path.Contains("offline_token=true", StringComparison.Ordinal)
            ? SendAsync(connection, "200 OK", "{\"token\":\"let-in\",\"refresh_token\":\"for-later\"}"u8.ToArray())
            : SendAsync(connection, "400 Bad Request"));
        registry.When("POST", "/token", async (request, connection, stop) =>
        {
            await TakeAsync(request, connection, stop);
            await SendAsync(connection, "200 OK", "{\"access_token\":\"let-in\"}"u8.ToArray());
        });
        registry.When("GET", "/v2/app/tags/list", (request, connection, _) => request.Headers.GetValueOrDefault("Authorization") == "Bearer let-in"
            ? SendAsync(connection, "200 OK", "{\"tags\":[\"1\"]}"u8.ToArray())
            : SendAsync(connection, "401 Unauthorized", default, $"WWW-Authenticate: Bearer realm=\"http://{registry.Authority}/token\",service=\"x\""));

        var login = await Command.RunAsync(
            Workplace.Executable, ["login", "-u", "alice", "--password-stdin", registry.Authority], place.Environment(place.StoreRoot), input: "open sesame");
        Assert.Contains("a token instead of the password", login.Succeeded().Output, StringComparison.Ordinal);
        using var config = JsonDocument.Parse(await File.ReadAllBytesAsync(place.PathOf("docker-config", "config.json"), Stop));
        var entry = config.RootElement.GetProperty("auths").GetProperty(registry.Authority);
        Assert.Equal(("alice:", "for-later"), (Encoding.UTF8.GetString(entry.GetProperty("auth").GetBytesFromBase64()), entry.GetProperty("identitytoken").GetString()));
        Assert.Equal("1\n", (await place.StrataAsync("tags", "-q", $"{registry.Authority}/app")).Succeeded().Output);
        Assert.Contains(registry.Seen, request => request is { Method: "POST", Path: "/token" });
    }

    private static string UserOf(string basic) => Encoding.UTF8.GetString(Convert.FromBase64String(basic["Basic ".Length..])).Split(':')[0];
}
