using System.Net;
using System.Net.Sockets;
using System.Text;
using Strata.Oci;
using Strata.Registry.Http;

namespace Strata.Registry.Tests.Http;

public sealed class ProtocolTests
{
    [Theory]
    [InlineData("GET", "/v2/")]
    [InlineData("GET", "/v2")]
    [InlineData("HEAD", "/v2/")]
    public async Task The_registry_says_that_it_is_one(string method, string path)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var response = await registry.SendAsync(method, path);
        await response.MustBeAsync(HttpStatusCode.OK);
        Assert.Equal("registry/2.0", response.Header("Docker-Distribution-API-Version"));
    }

    [Theory]
    [InlineData("POST", "/v2/", "GET, HEAD")]
    [InlineData("PUT", "/v2/_catalog", "GET, HEAD")]
    [InlineData("POST", "/v2/a/manifests/v1", "GET, HEAD, PUT, DELETE")]
    [InlineData("PATCH", "/v2/a/blobs/sha256:1", "GET, HEAD, DELETE")]
    [InlineData("GET", "/v2/a/blobs/uploads/", "POST")]
    [InlineData("GET", "/v2/a/blobs/uploads", "POST")]
    [InlineData("POST", "/v2/a/blobs/uploads/88ba6b87-7441-4380-96cb-a7fc5bf1b308", "GET, PATCH, PUT, DELETE")]
    [InlineData("DELETE", "/v2/a/tags/list", "GET, HEAD")]
    [InlineData("PUT", "/v2/a/referrers/x", "GET, HEAD")]
    [InlineData("GET", "/api/v1/repositories/a/tags/b/rollback", "POST")]
    [InlineData("POST", "/api/v1/repositories/a/tags/b/history", "GET, HEAD")]
    public async Task A_method_that_is_not_there_is_405_with_those_that_are(string method, string path, string allowed)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var response = await registry.SendAsync(method, path);
        await response.MustFailAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        Assert.Equal(allowed, response.Header("Allow"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/v1/search")]
    [InlineData("/v2/a")]
    [InlineData("/v2/a/tags/all")]
    [InlineData("/v2/manifests/latest")]
    [InlineData("/v2/a/manifests/")]
    [InlineData("/v2/../etc/passwd")]
    [InlineData("/api/v1/repositories/a/tags//history")]
    [InlineData("/api/v1/repositories/a")]
    public async Task A_path_that_names_nothing_is_not_found(string path)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var response = await registry.GetAsync(path);
        await response.MustFailAsync(HttpStatusCode.NotFound, "UNSUPPORTED");
    }

    [Theory]
    [InlineData("UPPER")]
    [InlineData("a//b")]
    [InlineData("-a")]
    [InlineData("a/.b")]
    [InlineData("a/..%2f..%2fetc")]
    [InlineData("a%2fb%00")]
    [InlineData("..%2f..")]
    [InlineData("%e2%80%ae")]
    [InlineData("a b")]
    public async Task A_name_that_is_none_is_refused_and_touches_nothing(string name)
    {
        await using var registry = await TestRegistry.StartAsync();
        foreach (var (method, path) in new[] { ("POST", "blobs/uploads/"), ("PUT", "manifests/v1"), ("GET", "tags/list") })
        {
            var answer = await SendRawAsync(registry, $"{method} /v2/{name.Replace(" ", "%20", StringComparison.Ordinal)}/{path} HTTP/1.1");
            Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        }
        using var catalog = await registry.GetAsync("/v2/_catalog");
        Assert.Empty((await catalog.JsonAsync()).Strings("repositories"));
    }

    [Fact]
    public async Task A_name_of_255_characters_is_taken_and_one_more_is_not()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var longest = await registry.SendAsync("POST", $"/v2/{new string('a', 255)}/blobs/uploads/");
        await longest.MustBeAsync(HttpStatusCode.Accepted);
        using var longer = await registry.SendAsync("POST", $"/v2/{new string('a', 256)}/blobs/uploads/");
        await longer.MustFailAsync(HttpStatusCode.BadRequest, "NAME_INVALID");
    }

    [Theory]
    [InlineData("blobs")]
    [InlineData("a/manifests/b")]
    [InlineData("tags/list/tags")]
    [InlineData("referrers/blobs/uploads")]
    [InlineData("v2/manifests")]
    public async Task A_name_may_contain_the_words_of_the_protocol(string name)
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = await registry.PushImageAsync(name, "one", "manifests", "blobs", "list");
        using var tags = await registry.GetAsync($"/v2/{name}/tags/list");
        Assert.Equal(["blobs", "list", "manifests"], (await tags.JsonAsync()).Strings("tags"));
        using var get = await registry.GetAsync($"/v2/{name}/manifests/manifests");
        Assert.Equal(image.Raw.ToArray(), await get.Content.ReadAsByteArrayAsync());
        using var referrers = await registry.GetAsync($"/v2/{name}/referrers/{image.Digest}");
        await referrers.MustBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/v2/a/b/manifests/x", nameof(RegistryResource.Manifest), "a/b", "x")]
    [InlineData("/v2/a/blobs/b/manifests/x", nameof(RegistryResource.Manifest), "a/blobs/b", "x")]
    [InlineData("/v2/a/blobs/uploads/1", nameof(RegistryResource.Upload), "a", "1")]
    [InlineData("/v2/a/blobs/uploads/blobs/uploads/1", nameof(RegistryResource.Upload), "a/blobs/uploads", "1")]
    [InlineData("/api/v1/repositories/a/tags/b/tags/c/history", nameof(RegistryResource.TagHistory), "a/tags/b", "c")]
    public void The_last_word_of_the_protocol_in_a_path_decides(string path, string resource, string name, string argument)
    {
        Assert.True(RegistryPath.TryParse(path, out var parsed));
        Assert.Equal((resource, name, argument), (parsed.Resource.ToString(), parsed.Name, parsed.Argument));
    }

    [Fact]
    public async Task What_breaks_http_breaks_only_its_own_connection()
    {
        await using var registry = await TestRegistry.StartAsync();
        Assert.StartsWith("HTTP/1.1 431", await SendRawAsync(registry, "GET /v2/ HTTP/1.1\r\nX: " + new string('x', 40_000)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414", await SendRawAsync(registry, "GET /v2/" + new string('x', 10_000) + " HTTP/1.1"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await SendRawAsync(registry, "GARBAGE"), StringComparison.Ordinal);
        var badChunk = await SendRawAsync(registry, "POST /v2/a/blobs/uploads/?digest=" + Digest.Of("x"u8) + " HTTP/1.1\r\nTransfer-Encoding: chunked", "zz\r\n");
        Assert.StartsWith("HTTP/1.1 400", badChunk, StringComparison.Ordinal);
        Assert.Contains("{\"errors\":[{", badChunk, StringComparison.Ordinal);
        using var alive = await registry.GetAsync("/v2/");
        await alive.MustBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_client_that_falls_silent_is_given_up_with_what_it_sent_kept()
    {
        await using var registry = await TestRegistry.StartAsync(o => o with { Limits = o.Limits with { IdleTimeout = TimeSpan.FromMilliseconds(50) } });
        var location = await registry.BeginUploadAsync("a");
        var answer = await SendRawAsync(registry, $"PATCH {location} HTTP/1.1\r\nContent-Length: 100", "hello", until: "errors");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        using var status = await registry.GetAsync(location);
        Assert.Equal("0-4", status.Header("Range"));
    }

    [Fact]
    public async Task A_client_that_falls_silent_in_a_rollback_is_given_up_too()
    {
        await using var registry = await TestRegistry.StartAsync(o => o with { Limits = o.Limits with { IdleTimeout = TimeSpan.FromMilliseconds(50) } });
        var answer = await SendRawAsync(registry, "POST /api/v1/repositories/a/tags/v1/rollback HTTP/1.1\r\nContent-Length: 100", "{", until: "errors");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    // A client of the framework would put such requests right before it sends them.
    private static async Task<string> SendRawAsync(TestRegistry registry, string head, string body = "", string? until = null)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, registry.Server.Addresses[0].Port, TestRegistry.Stop);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{head}\r\nHost: x\r\nConnection: close\r\n\r\n{body}"), TestRegistry.Stop);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, TestRegistry.Stop) is var read and > 0)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
                if (until is not null && answer.ToString().Contains(until, StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // Closed with bytes of ours unread: what was answered before counts.
        }
        return answer.ToString();
    }
}
