using Strata.Oci;
using Strata.Testing;
using static Strata.EndToEnd.ScriptedRegistry;

namespace Strata.EndToEnd;

/// <summary>Registries that refuse, break off and lie to those who send: of <c>push</c> and <c>copy</c> there is one clear error, in bounded time.</summary>
public sealed class LyingTargets
{
    private const string PutManifest = "/v2/app/manifests/pushed";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly IReadOnlyDictionary<string, Lie> Lies = All().ToDictionary(lie => lie.Name);

    public static TheoryData<string> Names => [.. Lies.Keys];

    [Fact]
    public void All_that_the_table_should_hold_is_in_it() => Assert.Equal(19, Lies.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_lie_is_one_error(string name)
    {
        var lie = Lies[name];
        await using var place = await Workplace.OpenAsync(withBase: false);
        await using var registry = new ScriptedRegistry();
        await using var other = new ScriptedRegistry();
        (await place.StrataAsync("pull", registry.Name)).Succeeded();
        var target = $"{registry.Authority}/app:pushed";
        (await place.StrataAsync("tag", registry.Name, target)).Succeeded();
        place.Context("docker-config", ("config.json", $$"""{"auths": {"{{registry.Authority}}": {"auth": "{{Convert.ToBase64String("alice:open sesame"u8)}}"} } }"""));
        lie.Tell(registry, other);
        var environment = place.Environment(place.StoreRoot);
        environment["STRATA_REGISTRY_TIMEOUT"] = lie.IsSilent ? "1" : "30";

        await Task.WhenAll(
            CheckAsync(environment, lie, "pushing", "push", target),
            CheckAsync(environment, lie, "copying", "copy", $"store:{registry.Name}", $"docker://{target}"));

        Assert.All(other.Seen, request => Assert.False(request.Headers.ContainsKey("Authorization"), "the login went to another host"));
        (await place.StrataAsync("system", "verify")).Succeeded();
    }

    [Fact]
    public async Task Without_a_lie_both_succeed()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        await using var registry = new ScriptedRegistry();
        (await place.StrataAsync("pull", registry.Name)).Succeeded();
        (await place.StrataAsync("copy", $"store:{registry.Name}", $"docker://{registry.Authority}/app:copied")).Succeeded();
        (await place.StrataAsync("tag", registry.Name, $"{registry.Authority}/app:pushed")).Succeeded();
        (await place.StrataAsync("push", $"{registry.Authority}/app:pushed")).Succeeded();
    }

    private static async Task CheckAsync(IReadOnlyDictionary<string, string> environment, Lie lie, string doing, params string[] arguments)
    {
        var result = await Command.RunAsync(Workplace.Executable, arguments, environment, limit: Limit);
        Assert.True(result.ExitCode == 1, result.Everything);
        Assert.True(result.Output.Length == 0, result.Everything);
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var error = Assert.Single(lines, line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.True(error.StartsWith($"error: {doing} ", StringComparison.Ordinal) && error.Length < 600, result.Everything);
        Assert.True(lines.Count(line => line.StartsWith("hint: ", StringComparison.Ordinal)) <= 1, result.Everything);
        Assert.All(lines, line => Assert.Matches("^(error: |hint: |again: |[0-9a-f]{12}  )", line));
        Assert.DoesNotContain("<html", result.Error, StringComparison.Ordinal);
        foreach (var word in lie.Words)
        {
            Assert.True(result.Error.Contains(word, StringComparison.Ordinal), $"expected '{word}' of {arguments[0]} in:\n{result.Everything}");
        }
    }

    private static IEnumerable<Lie> All() =>
    [
        Of("a manifest stored as another", "PUT", PutManifest, "201 Created", ["must not change what is pushed"], $"Docker-Content-Digest: {Layer.Digest}"),
        Of("a blob stored as another", "PUT", UploadPath, "201 Created", ["must not change what is pushed"], $"Docker-Content-Digest: {Digest.Of("other"u8)}"),
        Of("an upload that may not begin", "POST", UploadPath, "403 Forbidden", ["was answered with 403", "may this account use it so"]),
        Of("no such repository", "POST", UploadPath, "404 Not Found", ["has no place for app", "some registries want the repository to be made first"]),
        Of("an upload without a place", "POST", UploadPath, "202 Accepted", ["without saying where"]),
        Of("a web page for an upload", "POST", UploadPath, "200 OK", ["without saying where"]),
        Of("a body that is too large", "PUT", UploadPath, "413 Content Too Large", ["was answered with 413", "limits the size of uploads"]),
        Of("a full disk", "PUT", UploadPath, "507 Insufficient Storage", ["was answered with 507"]),
        Of("a server that fails", "PUT", UploadPath, "500 Internal Server Error", ["was answered with 500"]),
        Of("uploads that have to wait for an hour", "POST", UploadPath, "429 Too Many Requests", ["was answered with 429", "asks to wait 3600 seconds"], "Retry-After: 3600"),
        Of("a manifest that has to wait for an hour", "PUT", PutManifest, "429 Too Many Requests", ["was answered with 429", "asks to wait 3600 seconds"], "Retry-After: 3600"),
        Of("a manifest that is refused", "PUT", PutManifest, "400 Bad Request", ["was answered with 400"]),
        Of("a login that does not count", "POST", UploadPath, "401 Unauthorized", ["was answered with 401", "strata login"], "WWW-Authenticate: Basic realm=\"x\""),
        Of("an upload that is sent elsewhere", "PUT", UploadPath, "307 Temporary Redirect", ["was answered with 307"], "Location: /elsewhere"),
        new("a refusal in the middle", (registry, _) => registry.When("PUT", UploadPath, async (request, connection, stop) =>
        {
            await TakeAsync(request, connection, stop, most: 5000);
            await SendAsync(connection, "403 Forbidden");
        }), ["403"]),
        new("a connection that always breaks in the middle", (registry, _) => registry.When("PUT", UploadPath, (request, connection, stop) =>
            TakeAsync(request, connection, stop, most: 5000)), ["broke and was given up", "push again"]),
        new("an upload that is never answered", (registry, _) => registry.When("PUT", UploadPath, async (request, connection, stop) =>
        {
            await TakeAsync(request, connection, stop);
            await Task.Delay(Timeout.Infinite, stop);
        }), ["nothing moved for 1 second"]) { IsSilent = true },
        new("a manifest that is never answered", (registry, _) => registry.When("PUT", PutManifest, (_, _, stop) => Task.Delay(Timeout.Infinite, stop)),
            ["there was no answer for 1 second"]) { IsSilent = true },
        new("an upload to another host", (registry, other) =>
        {
            registry.When("POST", UploadPath, (request, connection, _) => request.Headers.ContainsKey("Authorization")
                ? SendAsync(connection, "202 Accepted", default, $"Location: http://{other.Authority}/elsewhere")
                : SendAsync(connection, "401 Unauthorized", default, "WWW-Authenticate: Basic realm=\"x\""));
            other.When("PUT", "/elsewhere", async (request, connection, stop) =>
            {
                await TakeAsync(request, connection, stop);
                await SendAsync(connection, "403 Forbidden");
            });
        }, ["was answered with 403"]),
    ];

    private static Lie Of(string name, string method, string path, string status, string[] words, params string[] headers) => new(
        name,
        (registry, _) => registry.When(method, path, async (request, connection, stop) =>
        {
            await TakeAsync(request, connection, stop);
            await SendAsync(connection, status, "<html>No.</html>"u8.ToArray(), ["Content-Type: text/html", .. headers]);
        }),
        words);

    /// <param name="Name">For people.</param>
    /// <param name="Tell">Puts it into the registry; the second is another host.</param>
    /// <param name="Words">What the error has to say.</param>
    private sealed record Lie(string Name, Action<ScriptedRegistry, ScriptedRegistry> Tell, string[] Words)
    {
        public bool IsSilent { get; init; }
    }
}
