using System.Globalization;
using System.Text;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Testing;
using static Strata.EndToEnd.ScriptedRegistry;

namespace Strata.EndToEnd;

/// <summary>
/// Registries that lie to those who fetch: of <c>pull</c> and <c>copy</c> there is one clear error, in bounded time, and nothing of the image
/// is kept.
/// </summary>
public sealed class LyingRegistries
{
    private const string Password = "open sesame";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly IReadOnlyDictionary<string, Lie> Lies = All().ToDictionary(lie => lie.Name);

    public static TheoryData<string> Names => [.. Lies.Keys];

    [Fact]
    public void All_that_the_table_should_hold_is_in_it() => Assert.Equal(56, Lies.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_lie_is_one_error_and_nothing_is_kept(string name)
    {
        var lie = Lies[name];
        await using var place = await Workplace.OpenAsync(withBase: false);
        using var authority = new TestAuthority();
        using var certificate = authority.Sign();
        await using var registry = new ScriptedRegistry(lie.IsSecure ? certificate : null);
        await using var other = new ScriptedRegistry();
        lie.Tell(registry, other);
        var environment = EnvironmentOf(place, lie, registry, authority);
        var before = Directory.GetFileSystemEntries(place.Folder);

        await Task.WhenAll(
            CheckAsync(place, environment, lie, "pulled", "pulling", "pull", registry.Name),
            CheckAsync(place, environment, lie, "copied", "copying", "copy", $"docker://{registry.Name}", "store:copied:1"),
            lie.IsBytesAlone ? Task.CompletedTask
                : CheckAsync(place, environment, lie, "none", "copying", "copy", "--all", $"docker://{registry.Name}", $"oci:{place.PathOf("layout")}:1"));

        Assert.Empty(Directory.GetFileSystemEntries(place.Folder).Except([.. before, place.PathOf("pulled"), place.PathOf("copied")]));
        Assert.All(other.Seen, request => Assert.False(request.Headers.ContainsKey("Authorization"), "the login went to another host"));
        Assert.All(other.Seen, request => Assert.False(request.Headers.ContainsKey("Cookie"), "a cookie went to another host"));
    }

    [Fact]
    public async Task Without_a_lie_all_three_have_the_image()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        await using var registry = new ScriptedRegistry();
        (await place.StrataAsync("pull", registry.Name)).Succeeded();
        (await place.StrataAsync("copy", $"docker://{registry.Name}", "store:copied:1")).Succeeded();
        (await place.StrataAsync("copy", $"docker://{registry.Name}", $"oci:{place.PathOf("layout")}:1")).Succeeded();
        Assert.Equal(2, (await place.StrataAsync("images", "--format", "{{.Repository}}")).Succeeded().Output.Count(letter => letter == '\n'));
    }

    private static Dictionary<string, string> EnvironmentOf(Workplace place, Lie lie, ScriptedRegistry registry, TestAuthority authority)
    {
        var environment = place.Environment(place.StoreRoot);
        // A minute of silence would be two of waiting.
        environment["STRATA_REGISTRY_TIMEOUT"] = lie.IsSilent ? "1" : "30";
        environment["SSL_CERT_FILE"] = Path.Combine(place.Context("trust", ("ca.pem", authority.Pem)), "ca.pem");
        place.Context("docker-config", ("config.json", lie.HasLogin
            ? $$"""{"auths": {"{{registry.Authority}}": {"auth": "{{Convert.ToBase64String(Encoding.UTF8.GetBytes($"alice:{Password}"))}}"} } }"""
            : "{}"));
        return environment;
    }

    private static async Task CheckAsync(
        Workplace place, IReadOnlyDictionary<string, string> environment, Lie lie, string store, string doing, params string[] arguments)
    {
        var root = place.PathOf(store);
        var result = await Command.RunAsync(
            Workplace.Executable, arguments, new Dictionary<string, string>(environment) { ["STRATA_ROOT"] = root }, limit: Limit);
        Assert.True(result.ExitCode == 1, result.Everything);
        Assert.True(result.Output.Length == 0, result.Everything);
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var error = Assert.Single(lines, line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.True(error.StartsWith($"error: {doing} ", StringComparison.Ordinal) && error.Length < 600, result.Everything);
        Assert.True(lines.Count(line => line.StartsWith("hint: ", StringComparison.Ordinal)) <= 1, result.Everything);
        // Besides: what was tried again, and blobs that arrived.
        Assert.All(lines, line => Assert.Matches("^(error: |hint: |again: |[0-9a-f]{12}  )", line));
        Assert.DoesNotContain(Password, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("<html", result.Error, StringComparison.Ordinal);
        foreach (var word in lie.Words)
        {
            Assert.True(result.Error.Contains(word, StringComparison.Ordinal), $"expected '{word}' of {arguments[0]} in:\n{result.Everything}");
        }
        if (Directory.Exists(root))
        {
            await NothingIsKeptAsync(place, root);
        }
    }

    // Whole blobs may stay until the next prune, since a second try then goes on from them; nothing names them.
    private static async Task NothingIsKeptAsync(Workplace place, string root)
    {
        Assert.Empty((await place.StrataInAsync(root, "images", "-a", "-q")).Succeeded().Output);
        Assert.Empty(Remains.Temporaries(root));
        (await place.StrataInAsync(root, "system", "verify")).Succeeded();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "blobs"), "*", SearchOption.AllDirectories))
        {
            Assert.Equal(Path.GetFileName(file), Digest.Of(await File.ReadAllBytesAsync(file)).Hex);
        }
        (await place.StrataInAsync(root, "prune", "-f")).Succeeded();
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(root, "blobs"), "*", SearchOption.AllDirectories));
    }

    private static IEnumerable<Lie> All() =>
    [
        // Bodies that break off, stand still or have no end.
        Of("a layer cut short", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "200 OK", LayerContent.AsMemory(0, 5000), $"Content-Length: {LayerContent.Length}"),
            $"broke off after 5,000 of {LayerContent.Length:N0} bytes", "try again later"),
        Of("a manifest cut short", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, "200 OK", Image.Manifest.Raw[..50], $"Content-Length: {Image.Manifest.Raw.Length}"),
            "did not arrive whole", "tried 5 times"),
        Of("a connection that is closed without a word", "GET", ManifestPath, (_, _, _) => Task.CompletedTask, "failed (tried 5 times)"),
        Of("a manifest that never comes", "GET", ManifestPath, (_, _, stop) => Task.Delay(Timeout.Infinite, stop), "there was no answer for 1 second") with { IsSilent = true },
        Of("a manifest that stands still", "GET", ManifestPath, async (_, connection, stop) =>
            {
                await SendAsync(connection, "200 OK", Image.Manifest.Raw[..50], $"Content-Length: {Image.Manifest.Raw.Length}");
                await Task.Delay(Timeout.Infinite, stop);
            }, "did not arrive whole", "nothing moved for 1 second") with { IsSilent = true },
        Of("a layer that stands still", "GET", LayerPath, async (_, connection, stop) =>
            {
                await SendAsync(connection, "200 OK", LayerContent.AsMemory(0, 100), $"Content-Length: {LayerContent.Length}");
                await Task.Delay(Timeout.Infinite, stop);
            }, "broke off after 100", "try again later") with { IsSilent = true },
        Of("a layer that goes on", "GET", LayerPath, (request, connection, stop) => EndlessAsync(connection, LayerContent, stop), $"should be {Layer.Digest}, but goes on after"),
        Of("a layer without end", "GET", LayerPath, EndlessAsync, $"should be {Layer.Digest}"),
        Of("a manifest without end", "GET", ManifestPath, EndlessAsync, "more than the 4,194,304 bytes it may have"),
        Of("a config that goes on", "GET", ConfigPath, (_, connection, stop) => EndlessAsync(connection, Image.Blobs[0].Content, stop), "goes on after"),
        Of("an error page without end", "GET", ManifestPath, async (_, connection, stop) =>
            {
                await SendAsync(connection, "403 Forbidden", default, "Transfer-Encoding: chunked");
                await ForeverAsync(connection, stop);
            }, "was answered with 403"),
        Of("headers without end", "GET", ManifestPath, async (_, connection, stop) =>
            {
                await connection.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
                while (true)
                {
                    await connection.WriteAsync(Encoding.ASCII.GetBytes($"X-More: {new string('x', 1000)}\r\n"), stop);
                }
            }, "failed"),
        Of("no HTTP at all", "GET", ManifestPath, (_, connection, stop) => connection.WriteAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray(), stop).AsTask(), "does not speak HTTP as it should"),

        // Other bytes than promised.
        Of("a corrupt layer", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "200 OK", new byte[LayerContent.Length]), $"should be {Layer.Digest}, but is", "delivers other bytes"),
        Of("a corrupt config", "GET", ConfigPath, (_, connection, _) => SendAsync(connection, "200 OK", new byte[Image.ConfigDescriptor.Size]), $"should be {Image.ConfigDescriptor.Digest}"),
        Of("a layer said to be shorter", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "200 OK", LayerContent.AsMemory(0, 5000)), "wants to send 5,000 bytes"),
        Of("a layer said to be longer", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "200 OK", LayerContent, $"Content-Length: {1L << 40}"), "wants to send 1,099,511,627,776 bytes"),
        Of("an empty layer", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "200 OK"), "wants to send 0 bytes"),
        Of("a web page for a layer", "GET", LayerPath, (_, connection, _) => PageAsync(connection, "200 OK"), "of a web page"),
        Of("a layer that is not there", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "404 Not Found"), $"names the blob {Layer.Digest}, which is not there"),
        Of("a wrong digest in the header", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, Image.Manifest, $"Docker-Content-Digest: {Layer.Digest}"), $"should be {Layer.Digest}", "it was refused"),
        Of("a web page for a manifest", "GET", ManifestPath, (_, connection, _) => PageAsync(connection, "200 OK"), "came as a web page"),
        Of("an empty manifest", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, "200 OK", default, $"Content-Type: {MediaTypes.OciManifest}"), "cannot be read"),
        Of("a manifest over 4 MiB that says so", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, "200 OK", new byte[5 << 20], $"Content-Type: {MediaTypes.OciManifest}"), "more than the 4,194,304 bytes"),
        Of("an image sent as an index", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, Image.Manifest with { MediaType = MediaTypes.OciIndex }), "cannot be read"),
        Of("a manifest of schema 1", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, "200 OK", "{}"u8.ToArray(), $"Content-Type: {MediaTypes.DockerSchema1Signed}"), "schema version 1", "push the image again"),

        // Ranges.
        Of("the rest of a layer from a later byte", "GET", LayerPath, (request, connection, _) => RestAsync(request, connection, from => from + 100), "was asked for the bytes from 5,000", "and sent those from 5,100"),
        Of("the rest of a layer with other bytes", "GET", LayerPath, (request, connection, _) => RestAsync(request, connection, from => from, zeros: true), $"should be {Layer.Digest}"),
        Of("the rest of another layer", "GET", LayerPath, (request, connection, _) => RestAsync(request, connection, from => from, total: 1_000_000), "1,000,000"),
        Of("a part when all was asked for", "GET", LayerPath, (_, connection, _) => SendAsync(
            connection, "206 Partial Content", LayerContent.AsMemory(100), $"Content-Range: bytes 100-{LayerContent.Length - 1}/{LayerContent.Length}"), "was asked for the bytes from 0", "and sent those from 100"),
        Of("a part that is not said which", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "206 Partial Content", LayerContent), "without saying which"),

        // Answers that are no success.
        Of("too many requests", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, "429 Too Many Requests"), "was answered with 429", "limits how much may be fetched"),
        Of("too many requests for an hour", "GET", ManifestPath, (_, connection, _) => SendAsync(connection, "429 Too Many Requests", default, "Retry-After: 3600"), "was answered with 429", "asks to wait 3600 seconds"),
        Of("a server that fails", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "500 Internal Server Error"), "was answered with 500"),
        Of("a proxy's page with an error", "GET", ManifestPath, (_, connection, _) => PageAsync(connection, "502 Bad Gateway"), "was answered with 502"),
        Of("an answer nobody asked for", "GET", LayerPath, (_, connection, _) => SendAsync(connection, "304 Not Modified"), "was answered with 304"),

        // Redirects.
        Of("redirects in a circle", "GET", LayerPath, (_, connection, _) => MovedAsync(connection, LayerPath), "redirected more than 5 times"),
        Of("a redirect to a file", "GET", LayerPath, (_, connection, _) => MovedAsync(connection, "file:///etc/shadow"), "which is not followed"),
        Of("a redirect to nowhere", "GET", LayerPath, (_, connection, _) => MovedAsync(connection, "http://["), "was answered with 307"),
        new("a redirect to another host", (registry, other) =>
            {
                AskForLogin(registry);
                other.When("GET", "/", (_, connection, _) => SendAsync(connection, "200 OK", new byte[LayerContent.Length]));
                registry.When("GET", LayerPath, (_, connection, _) => MovedAsync(connection, $"http://{other.Authority}/elsewhere"));
            },
            [$"should be {Layer.Digest}"]) { HasLogin = true },
        new("a redirect to another host that asks for a login", (registry, other) =>
            {
                AskForLogin(registry);
                other.When("GET", "/", (_, connection, _) => SendAsync(connection, "401 Unauthorized", default, "WWW-Authenticate: Basic realm=\"mine\""));
                registry.When("GET", LayerPath, (_, connection, _) => MovedAsync(connection, $"http://{other.Authority}/elsewhere"));
            },
            ["was answered with 401"]) { HasLogin = true },
        new("a redirect from https to http", (registry, other) => registry.When("GET", LayerPath, (_, connection, _) => MovedAsync(connection, $"http://{other.Authority}/plain")),
            ["redirected from https to http://", "which is not followed"]) { IsSecure = true },

        // Logins.
        Of("a login that is never enough", "GET", "/v2/app/", (_, connection, _) => SendAsync(connection, "401 Unauthorized", default, "WWW-Authenticate: Basic realm=\"x\""),
            "was answered with 401", "strata login") with { HasLogin = true },
        new("tokens that are never enough", (registry, other) =>
            {
                registry.When("GET", "/v2/app/", (_, connection, _) => SendAsync(connection, "401 Unauthorized", default, $"WWW-Authenticate: Bearer realm=\"http://{registry.Authority}/token\",service=\"x\""));
                registry.When("GET", "/token", (_, connection, _) => SendAsync(connection, "200 OK", "{\"token\":\"abc\"}"u8.ToArray()));
            },
            ["was answered with 401", "strata login"]),
        Token("a token server that stays silent", (_, _, stop) => Task.Delay(Timeout.Infinite, stop), "The token server", "gave no answer for 1 second") with { IsSilent = true },
        Token("a token server with a web page", (_, connection, _) => PageAsync(connection, "200 OK"), "The token server", "gave an answer without a token"),
        Token("a token server that fails", (_, connection, _) => PageAsync(connection, "500 Internal Server Error"), "The token server", "answered with 500"),
        Token("a token without end", EndlessAsync, "The token server"),
        new("a token server that speaks ftp", (registry, other) =>
            registry.When("GET", "/v2/app/", (_, connection, _) => SendAsync(connection, "401 Unauthorized", default, "WWW-Authenticate: Bearer realm=\"ftp://tokens.example/token\"")),
            ["where no credentials go"]),

        // Documents that do not fit one another.
        new("an index that lists itself by a false digest", (registry, _) =>
            {
                var index = RandomImage.Index(Image);
                var again = IndexOf(index);
                registry.Serve(again);
                // Whoever asks for the child gets the parent.
                registry.When("GET", $"/v2/app/manifests/{index.Digest}", (_, connection, _) => SendAsync(connection, again));
            },
            ["but what came is"]),
        new("indexes in indexes in indexes", (registry, _) =>
            {
                var index = RandomImage.Index(Image);
                for (var depth = 0; depth < 20; depth++)
                {
                    registry.Serve(index);
                    index = IndexOf(index);
                }
                registry.Serve(index);
            },
            ["nests more than"]),
        new("a config that is none", (registry, _) => registry.Serve(ManifestOf(registry.Serve("this is no JSON"u8.ToArray()), [.. Image.Layers])), ["cannot be read"]) { IsBytesAlone = true },
        new("a config of another image", (registry, _) => registry.Serve(ManifestOf(Image.ConfigDescriptor, Layer)), ["do not belong together"]) { IsBytesAlone = true },
        new("ten thousand layers", (registry, _) => registry.Serve(ManifestOf(
            Image.ConfigDescriptor, [.. Enumerable.Range(0, 10_000).Select(number => Layer with { Digest = Digest.Of(BitConverter.GetBytes(number)) })])), ["10,000 layers"]) { IsBytesAlone = true },
        new("a blob with two sizes", (registry, _) => registry.Serve(ManifestOf(Image.ConfigDescriptor, Layer, Layer with { Size = 5 })), ["two sizes"]),
        new("a layer of an exabyte", (registry, _) => registry.Serve(ManifestOf(Image.ConfigDescriptor, Image.Layers[0], Layer with { Size = 1L << 60 })), ["which has 1,152,921,504,606,846,976"]),
    ];

    private static Lie Of(string name, string method, string path, Answer answer, params string[] words) => new(name, (registry, _) => registry.When(method, path, answer), words);

    private static Lie Token(string name, Answer answer, params string[] words) => new(
        name,
        (registry, _) =>
        {
            registry.When("GET", "/v2/app/", (_, connection, _) => SendAsync(
                connection, "401 Unauthorized", default, $"WWW-Authenticate: Bearer realm=\"http://{registry.Authority}/token\",service=\"x\""));
            registry.When("GET", "/token", answer);
        },
        words);

    private static void AskForLogin(ScriptedRegistry registry) => registry.When("GET", ManifestPath, (request, connection, _) =>
        request.Headers.ContainsKey("Authorization")
            ? SendAsync(connection, Image.Manifest)
            : SendAsync(connection, "401 Unauthorized", default, "WWW-Authenticate: Basic realm=\"test\""));

    private static Task MovedAsync(Stream connection, string location) => SendAsync(connection, "307 Temporary Redirect", default, $"Location: {location}");

    private static Task PageAsync(Stream connection, string status) => SendAsync(connection, status, "<html>Please log in</html>"u8.ToArray(), "Content-Type: text/html");

    private static Task EndlessAsync(RawRequest request, Stream connection, CancellationToken stop) => EndlessAsync(connection, [], stop);

    private static async Task EndlessAsync(Stream connection, byte[] first, CancellationToken stop)
    {
        var size = Encoding.ASCII.GetBytes(first.Length.ToString("x", CultureInfo.InvariantCulture));
        await SendAsync(connection, "200 OK", first.Length > 0 ? new byte[][] { size, [.. "\r\n"u8], first, [.. "\r\n"u8] }.SelectMany(part => part).ToArray() : default, "Transfer-Encoding: chunked");
        await ForeverAsync(connection, stop);
    }

    private static async Task ForeverAsync(Stream connection, CancellationToken stop)
    {
        byte[] chunk = [.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
        while (true)
        {
            await connection.WriteAsync(chunk, stop);
        }
    }

    /// <summary>Breaks off after 5,000 bytes, and gives as the rest what <paramref name="start"/> makes of it.</summary>
    private static Task RestAsync(RawRequest request, Stream connection, Func<int, int> start, bool zeros = false, long? total = null)
    {
        if (!request.Headers.TryGetValue("Range", out var range))
        {
            return SendAsync(connection, "200 OK", LayerContent.AsMemory(0, 5000), $"Content-Length: {LayerContent.Length}");
        }
        var from = start(int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture));
        var rest = zeros ? new byte[LayerContent.Length - from] : LayerContent.AsMemory(from);
        return SendAsync(connection, "206 Partial Content", rest, $"Content-Range: bytes {from}-{LayerContent.Length - 1}/{total ?? LayerContent.Length}");
    }

    private static StoredManifest IndexOf(StoredManifest child)
    {
        var index = ImageIndex.Create([new Descriptor { MediaType = MediaTypes.OciIndex, Digest = child.Digest, Size = child.Raw.Length, Platform = Platform.Local }]);
        return new StoredManifest(index.Raw, index.MediaType);
    }

    private static StoredManifest ManifestOf(Descriptor config, params Descriptor[] layers)
    {
        var manifest = Manifest.Create(config, layers);
        return new StoredManifest(manifest.Raw, manifest.MediaType);
    }

    /// <param name="Name">For people.</param>
    /// <param name="Tell">Puts it into the registry; the second is another host.</param>
    /// <param name="Words">What the error has to say.</param>
    private sealed record Lie(string Name, Action<ScriptedRegistry, ScriptedRegistry> Tell, string[] Words)
    {
        public bool HasLogin { get; init; }

        public bool IsSecure { get; init; }

        public bool IsSilent { get; init; }

        /// <summary>No byte is wrong, only what they mean: a layout takes them as they are.</summary>
        public bool IsBytesAlone { get; init; }
    }
}
