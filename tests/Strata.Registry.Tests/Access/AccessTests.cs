using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Testing;

namespace Strata.Registry.Tests.Access;

public sealed class AccessTests
{
    private const string Alice = "alice:$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    private const string Bob = "bob:$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";
    private const string AlicesPassword = "U*U";
    private const string BobsPassword = "U*U*U";

    [Fact]
    public async Task Without_a_right_password_everything_is_refused_with_a_challenge()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await StartAsync(folder, anonymousPull: false);
        foreach (var header in (string?[])[null, Basic("alice", "wrong"), Basic("mallory", AlicesPassword), Basic("alice", ""), Basic("", ""), "Basic %%%", "Basic YWxpY2U=", "Bearer x"])
        {
            foreach (var (method, path) in new[] { ("GET", "/v2/"), ("GET", "/v2/_catalog"), ("GET", "/v2/a/manifests/v1"), ("POST", "/v2/a/blobs/uploads/"), ("DELETE", "/v2/a/manifests/v1"), ("GET", "/v2/BAD/tags/list") })
            {
                using var refused = await registry.SendAsync(method, path, (byte[]?)null, header is null ? [] : [("Authorization", header)]);
                await refused.MustFailAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
                Assert.StartsWith("Basic realm=", refused.Header("WWW-Authenticate"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task With_a_right_password_one_may_push_and_pull_and_the_history_says_who()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await StartAsync(folder, anonymousPull: false);
        registry.Client.DefaultRequestHeaders.Authorization = ResponseAssertions.Basic("alice", AlicesPassword);
        await registry.PushImageAsync("a", "one", "v1");
        using var ping = await registry.GetAsync("/v2/");
        await ping.MustBeAsync(HttpStatusCode.OK);
        using var history = await registry.GetAsync("/api/v1/repositories/a/tags/v1/history");
        Assert.Equal("alice", (await history.JsonAsync()).GetProperty("changes")[0].GetProperty("by").GetString());
    }

    [Fact]
    public async Task An_upload_is_its_owners_alone()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await StartAsync(folder, anonymousPull: false);
        registry.Client.DefaultRequestHeaders.Authorization = ResponseAssertions.Basic("alice", AlicesPassword);
        var location = await registry.BeginUploadAsync("a");
        registry.Client.DefaultRequestHeaders.Authorization = ResponseAssertions.Basic("bob", BobsPassword);
        foreach (var method in (string[])["GET", "PATCH", "DELETE"])
        {
            using var refused = await registry.SendAsync(method, location);
            await refused.MustFailAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }
    }

    [Fact]
    public async Task Where_anybody_may_pull_nobody_unknown_may_do_more()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await StartAsync(folder, anonymousPull: true);
        registry.Client.DefaultRequestHeaders.Authorization = ResponseAssertions.Basic("alice", AlicesPassword);
        var image = await registry.PushImageAsync("a", "one", "v1");
        registry.Client.DefaultRequestHeaders.Authorization = null;
        foreach (var path in (string[])["manifests/v1", $"blobs/{image.Config.Digest}", "tags/list", $"referrers/{image.Digest}"])
        {
            foreach (var headers in new (string, string)[][] { [], [("Authorization", Basic("", ""))] })
            {
                using var pull = await registry.GetAsync($"/v2/a/{path}", headers);
                await pull.MustBeAsync(HttpStatusCode.OK);
            }
        }
        // The challenge at the base is how clients learn that a password can be given.
        foreach (var (method, path) in new[] { ("GET", "/v2/"), ("GET", "/v2/_catalog"), ("POST", "/v2/a/blobs/uploads/"), ("PUT", "/v2/a/manifests/v1"), ("DELETE", "/v2/a/manifests/v1"), ("POST", "/api/v1/repositories/a/tags/v1/rollback") })
        {
            using var refused = await registry.SendAsync(method, path);
            await refused.MustFailAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }
        using var wrong = await registry.GetAsync("/v2/a/manifests/v1", ("Authorization", Basic("alice", "wrong")));
        await wrong.MustFailAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_changed_file_counts_at_once_and_a_broken_one_not_at_all()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await StartAsync(folder, anonymousPull: false);
        await ExpectAsync(registry, "alice", AlicesPassword, HttpStatusCode.OK);
        await WriteAsync(folder, Bob, 1);
        await ExpectAsync(registry, "alice", AlicesPassword, HttpStatusCode.Unauthorized);
        await ExpectAsync(registry, "bob", BobsPassword, HttpStatusCode.OK);
        await WriteAsync(folder, "carol:plain", 2);
        await ExpectAsync(registry, "bob", BobsPassword, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_file_with_other_hashes_keeps_the_registry_from_starting_and_says_how_to_make_it()
    {
        using var folder = new TemporaryFolder();
        await WriteAsync(folder, $"# users\n\n{Alice}\ncarol:{{SHA}}x", 0);
        var options = new RegistryOptions { DataDirectory = folder.File("data"), Listen = [new IPEndPoint(IPAddress.Loopback, 0)], HtpasswdPath = folder.File("htpasswd") };
        var refusal = await Assert.ThrowsAsync<RegistryStartException>(() => RegistryServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, TestRegistry.Stop));
        Assert.Contains("line 4", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("htpasswd -B", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<TestRegistry> StartAsync(TemporaryFolder folder, bool anonymousPull)
    {
        await WriteAsync(folder, $"{Alice}\n{Bob}", 0);
        return await TestRegistry.StartAsync(options => options with { HtpasswdPath = folder.File("htpasswd"), AnonymousPull = anonymousPull });
    }

    private static async Task WriteAsync(TemporaryFolder folder, string content, int second)
    {
        await File.WriteAllTextAsync(folder.File("htpasswd"), content + "\n", TestRegistry.Stop);
        File.SetLastWriteTimeUtc(folder.File("htpasswd"), DateTime.UnixEpoch.AddYears(50).AddSeconds(second));
    }

    private static async Task ExpectAsync(TestRegistry registry, string user, string password, HttpStatusCode status)
    {
        using var ping = await registry.GetAsync("/v2/", ("Authorization", Basic(user, password)));
        await ping.MustBeAsync(status);
    }

    private static string Basic(string user, string password) => ResponseAssertions.Basic(user, password).ToString();
}
