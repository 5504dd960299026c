using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Strata.Host.Serving;

namespace Strata.Host.Tests.Serving;

public sealed class ServeRegistryTests : HostTest
{
    private static readonly ServeRequest Request = new() { DataDirectory = "registry", Listen = ["127.0.0.1:0"] };

    private Task<ServeRegistry> StartAsync(ServeRequest request) => ServeRegistry.StartAsync(request, Machine, TextWriter.Null, Stop);

    [Fact]
    public async Task It_serves_from_a_folder_of_here_until_it_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        await using var registry = await StartAsync(Request);
        Assert.Equal(Place("registry"), registry.DataDirectory);
        var address = Assert.Single(registry.Addresses);
        using (var client = new HttpClient(new SocketsHttpHandler()))
        {
            using var answer = await client.GetAsync(new Uri(address, "/v2/"), Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        var ending = registry.UntilStoppedAsync(stop.Token);
        Assert.False(ending.IsCompleted);
        await stop.CancelAsync();
        await ending;
    }

    [Theory]
    [InlineData("localhost:0", "127.0.0.1")]
    [InlineData(":0", "0.0.0.0")]
    [InlineData("[::1]:0", "[::1]")]
    public async Task It_listens_where_it_is_told(string text, string host)
    {
        await using var registry = await StartAsync(Request with { Listen = [text] });
        Assert.Equal(host, Assert.Single(registry.Addresses).Host);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5000")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("localhost:")]
    [InlineData("example.org:5000")]
    public async Task What_is_no_address_with_a_port_is_refused(string text)
    {
        var error = await Refusal(() => StartAsync(Request with { Listen = [text] }));
        Assert.Equal($"'{text}' is no address to listen on", error.Message);
        Assert.Equal("--listen takes ADDRESS:PORT, such as 127.0.0.1:5000, or :5000 for every address", error.Hint);
    }

    [Fact]
    public async Task A_certificate_without_its_key_is_refused()
    {
        var error = await Refusal(() => StartAsync(Request with { CertificatePath = "cert.pem" }));
        Assert.Equal("give both --tls-cert and --tls-key", error.Hint);
    }

    [Fact]
    public async Task A_folder_is_served_once()
    {
        await using var first = await StartAsync(Request);
        var error = await Refusal(() => StartAsync(Request));
        Assert.Equal($"{Place("registry")} is served by another process. Stop that, or use another folder.", error.Message);
    }

    [Fact]
    public async Task A_users_file_that_is_not_there_is_named()
    {
        var error = await Refusal(() => StartAsync(Request with { HtpasswdPath = "users" }));
        Assert.StartsWith("The users can't be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(Place("users"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_says_is_a_line_with_its_time()
    {
        using var log = new StringWriter();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
        var users = Write("users", $"ann:$2y$04${new string('a', 53)}\n");
        await using var registry = await ServeRegistry.StartAsync(Request with { HtpasswdPath = "users" }, Machine with { Time = time }, log, Stop);
        Write("users", "ann:plain-text\n");
        File.SetLastWriteTimeUtc(users, DateTime.UnixEpoch);
        using var client = new HttpClient(new SocketsHttpHandler());
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("ann:x"u8));
        using var answer = await client.GetAsync(new Uri(registry.Addresses[0], "/v2/"), Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.StartsWith($"2026-01-02T03:04:05.678Z warning {users} could not be read again: ", log.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\n", log.ToString(), StringComparison.Ordinal);
    }
}
