using System.Text;
using Strata.Content.Media;
using Strata.Host.Images;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Host.Tests.Images;

/// <summary>Pulls from a registry that lies: one clear sentence each, and nothing is kept.</summary>
public sealed class LyingRegistryTests : HostTest, IAsyncLifetime
{
    private static readonly RandomImage Image = RandomImage.Create(7, layers: 2, layerSize: 100_000);
    private static readonly Descriptor Layer = Image.Layers[1];
    private static readonly byte[] Content = Image.Blobs[2].Content;

    private readonly Dictionary<string, Func<Stream, CancellationToken, Task>> _lies = [];
    private readonly Dictionary<Digest, StoredManifest> _manifests = new() { [Image.Manifest.Digest] = Image.Manifest };
    private readonly Dictionary<Digest, byte[]> _blobs = Image.Blobs.ToDictionary(blob => blob.Descriptor.Digest, blob => blob.Content);
    private StoredManifest _latest = Image.Manifest;
    private bool _needsLogin;
    private RawHttpServer? _server;

    // A minute of silence is two seconds.
    protected override TimeProvider Time { get; } = new HastyTime(30);

    private string LayerPath => $"/v2/app/blobs/{Layer.Digest}";

    public ValueTask InitializeAsync()
    {
        _server = new RawHttpServer(AnswerAsync);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Dispose();
    }

    [Fact]
    public async Task An_honest_answer_is_taken()
    {
        Assert.Equal(Image.ConfigDescriptor.Digest, (await PullAsync()).Id);
    }

    [Fact]
    public Task A_layer_that_is_cut_short_for_good_is_given_up() => RefusedAsync(
        LayerPath, (connection, _) => RawHttpServer.AnswerAsync(connection, "200 OK", Content.AsMemory(0, 5000), $"Content-Length: {Content.Length}"),
        $"broke off after 5,000 of {Content.Length:N0} bytes", "try again later");

    [Fact]
    public Task A_layer_with_another_length_is_refused_before_it_is_fetched() => RefusedAsync(
        LayerPath, (connection, _) => RawHttpServer.AnswerAsync(connection, "200 OK", Content.AsMemory(0, 5000)),
        $"wants to send 5,000 bytes for the blob {Layer.Digest}, which has {Content.Length:N0}", "something else");

    [Fact]
    public Task A_corrupt_layer_is_refused() => RefusedAsync(
        LayerPath, (connection, _) => RawHttpServer.AnswerAsync(connection, "200 OK", new byte[Content.Length]),
        $"should be {Layer.Digest}, but is", "delivers other bytes than it promised");

    [Fact]
    public Task A_layer_without_end_is_refused() => RefusedAsync(
        LayerPath, EndlessAsync, $"should be {Layer.Digest}", "delivers other bytes");

    [Fact]
    public Task A_layer_from_which_nothing_comes_is_given_up() => RefusedAsync(
        LayerPath, async (connection, stop) =>
        {
            await RawHttpServer.AnswerAsync(connection, "200 OK", Content.AsMemory(0, 100), $"Content-Length: {Content.Length}");
            await Task.Delay(Timeout.Infinite, stop);
        },
        "broke off after 100", "try again later");

    [Fact]
    public Task A_layer_that_is_missing_is_named() => RefusedAsync(
        LayerPath, (connection, _) => RawHttpServer.AnswerAsync(connection, "404 Not Found", default), $"names the blob {Layer.Digest}, which is not there", "has to be made anew");

    [Fact]
    public Task Redirects_without_end_are_not_followed() => RefusedAsync(
        LayerPath, (connection, _) => RawHttpServer.AnswerAsync(connection, "307 Temporary Redirect", default, $"Location: {LayerPath}"), "redirected more than 5 times", null);

    [Fact]
    public async Task A_redirect_elsewhere_gets_no_credentials_and_its_bytes_are_checked()
    {
        var asked = new List<string>();
        await using var other = new RawHttpServer((request, connection, _) =>
        {
            lock (asked)
            {
                asked.AddRange(request.Headers.Keys);
            }
            return RawHttpServer.AnswerAsync(connection, "200 OK", new byte[Content.Length]);
        });
        Write(".docker/config.json", $$"""{"auths": {"{{_server!.Authority}}": {"auth": "{{Convert.ToBase64String("alice:secret"u8)}}"} } }""");
        _needsLogin = true;
        await RefusedAsync(
            LayerPath, (connection, _) => RawHttpServer.AnswerAsync(connection, "307 Temporary Redirect", default, $"Location: http://{other.Authority}/elsewhere"),
            $"should be {Layer.Digest}", "delivers other bytes");
        Assert.NotEmpty(asked);
        Assert.DoesNotContain("Authorization", asked, StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("429 Too Many Requests", "was answered with 429", "limits how much may be fetched")]
    [InlineData("500 Internal Server Error", "was answered with 500", null)]
    public async Task An_error_that_stays_is_told_after_five_tries(string status, string message, string? hint)
    {
        await RefusedAsync("/v2/app/manifests/latest", (connection, _) => RawHttpServer.AnswerAsync(connection, status, default), message, hint);
        Assert.Equal(5, _server!.Requests.Count(request => request == "GET /v2/app/manifests/latest"));
    }

    [Fact]
    public Task A_web_page_is_no_manifest() => RefusedAsync(
        "/v2/app/manifests/latest", (connection, _) => RawHttpServer.AnswerAsync(connection, "200 OK", "<html>Please log in</html>"u8.ToArray(), "Content-Type: text/html"),
        "came as a web page", null);

    [Fact]
    public Task A_manifest_that_is_not_what_the_header_says_is_refused() => RefusedAsync(
        "/v2/app/manifests/latest", (connection, _) => SendAsync(connection, Image.Manifest, $"Docker-Content-Digest: {Layer.Digest}"), $"should be {Layer.Digest}", null);

    [Fact]
    public Task A_manifest_of_another_type_than_it_is_sent_as_is_refused() => RefusedAsync(
        "/v2/app/manifests/latest", (connection, _) => SendAsync(connection, Image.Manifest with { MediaType = MediaTypes.OciIndex }), "cannot be read", null);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_manifest_over_4_MiB_is_refused(bool saysSo) => RefusedAsync(
        "/v2/app/manifests/latest",
        saysSo
            ? (connection, _) => RawHttpServer.AnswerAsync(connection, "200 OK", new byte[5 << 20], $"Content-Type: {MediaTypes.OciManifest}")
            : EndlessAsync,
        "more than the 4,194,304 bytes it may have", "nothing of it was kept");

    [Fact]
    public Task An_old_schema_is_refused_with_what_to_do() => RefusedAsync(
        "/v2/app/manifests/latest",
        (connection, _) => RawHttpServer.AnswerAsync(connection, "200 OK", "{}"u8.ToArray(), $"Content-Type: {MediaTypes.DockerSchema1Signed}"), "schema version 1", null);

    [Fact]
    public async Task An_index_that_lists_itself_by_a_false_digest_is_refused()
    {
        var index = RandomImage.Index(Image);
        var again = ImageIndex.Create([new Descriptor { MediaType = MediaTypes.OciIndex, Digest = index.Digest, Size = index.Raw.Length, Platform = Platform.Local }]);
        _latest = new StoredManifest(again.Raw, again.MediaType);
        // Whoever asks for the child gets the parent.
        await RefusedAsync($"/v2/app/manifests/{index.Digest}", (connection, _) => SendAsync(connection, _latest), $"should be {index.Digest}, but what came is", null);
    }

    [Fact]
    public async Task A_config_that_is_no_json_is_refused_before_any_layer_is_fetched()
    {
        var config = Encoding.UTF8.GetBytes("this is no JSON");
        var descriptor = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Digest.Of(config), Size = config.Length };
        _blobs[descriptor.Digest] = config;
        Serve(Manifest.Create(descriptor, Image.Layers));
        await RefusedAsync(null, null, $"config {descriptor.Digest} cannot be read", "has to be made anew");
        Assert.DoesNotContain(_server!.Requests, request => request == $"GET {LayerPath}");
    }

    [Fact]
    public async Task Ten_thousand_layers_are_refused()
    {
        var layers = Enumerable.Range(0, 10_000).Select(i => Layer with { Digest = Digest.Of(BitConverter.GetBytes(i)) }).ToList();
        Serve(Manifest.Create(Image.ConfigDescriptor, layers));
        await RefusedAsync(null, null, "has 10,000 layers; more than 500", null);
    }

    [Fact]
    public async Task A_config_of_another_image_is_refused()
    {
        Serve(Manifest.Create(Image.ConfigDescriptor, [Layer]));
        await RefusedAsync(null, null, "names 2 layers, its manifest 1", null);
    }

    [Fact]
    public async Task An_artifact_is_no_image()
    {
        Serve(Manifest.Create(Image.ConfigDescriptor with { MediaType = "application/vnd.example.chart" }, Image.Layers));
        await RefusedAsync(null, null, "is of an artifact (application/vnd.example.chart)", "`strata copy ");
    }

    [Fact]
    public async Task A_single_image_for_another_platform_is_refused_when_one_was_asked_for()
    {
        var error = await Refusal(() => Host.Pull.RunAsync(
            new PullRequest { Name = Reference(), Platform = Platform.Parse("linux/arm64"), IsPlatformRequired = true }, new Silent(), Stop));
        Assert.Contains("for linux/amd64 alone, not for linux/arm64", error.Message, StringComparison.Ordinal);
        Assert.Contains("leave --platform out", error.Hint, StringComparison.Ordinal);
        NothingIsKept();
        // As docker does when nobody asked.
        Assert.Equal(Image.ConfigDescriptor.Digest, (await Host.Pull.RunAsync(new PullRequest { Name = Reference(), Platform = Platform.Parse("linux/arm64") }, new Silent(), Stop)).Id);
    }

    [Fact]
    public async Task What_is_here_is_used_fetched_anew_or_nothing_else_as_the_policy_says()
    {
        var request = new PullRequest { Name = Reference() };
        var error = await Refusal(() => Host.Pull.GetAsync(request, PullPolicy.Never, new Silent(), Stop));
        Assert.Contains("is not to be pulled", error.Message, StringComparison.Ordinal);
        Assert.Empty(_server!.Requests);
        var first = await Host.Pull.GetAsync(request, PullPolicy.Missing, new Silent(), Stop);
        var asked = _server.Requests.Count;
        Assert.Equal(first.Id, (await Host.Pull.GetAsync(request, PullPolicy.Missing, new Silent(), Stop)).Id);
        Assert.Equal(first.Id, (await Host.Pull.GetAsync(request, PullPolicy.Never, new Silent(), Stop)).Id);
        Assert.Equal(asked, _server.Requests.Count);

        var newer = RandomImage.Create(8);
        foreach (var (blob, content) in newer.Blobs)
        {
            _blobs[blob.Digest] = content;
        }
        (_latest, _manifests[newer.Manifest.Digest]) = (newer.Manifest, newer.Manifest);
        Assert.Equal(newer.ConfigDescriptor.Digest, (await Host.Pull.GetAsync(request, PullPolicy.Always, new Silent(), Stop)).Id);
    }

    private Reference Reference() => Name($"{_server!.Authority}/app");

    private Task<Strata.Store.StoredImage> PullAsync() => Host.Pull.RunAsync(Reference(), Platform.Local, new Silent(), Stop);

    private void Serve(Manifest manifest) => _latest = new StoredManifest(manifest.Raw, manifest.MediaType);

    private async Task RefusedAsync(string? path, Func<Stream, CancellationToken, Task>? lie, string message, string? hint)
    {
        if (path is not null)
        {
            _lies[path] = lie!;
        }
        var error = await Refusal(() => PullAsync().WaitAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.StartsWith($"pulling {_server!.Authority}/app:latest: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        if (hint is not null)
        {
            Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
        }
        NothingIsKept();
    }

    // Whole blobs may stay until the next prune, since a second try then goes on from them; nothing names them.
    private void NothingIsKept()
    {
        Assert.Empty(Host.Store.Images.List());
        Assert.Null(Host.Store.Names.Find(Reference()));
        Assert.Null(Host.Store.Manifests.Find(_latest.Digest));
        foreach (var file in Directory.EnumerateFiles(Place("store", "blobs"), "*", SearchOption.AllDirectories))
        {
            var content = File.ReadAllBytes(file);
            Assert.Equal(Path.GetFileName(file), Digest.Of(content).Hex);
        }
    }

    private Task AnswerAsync(RawRequest request, Stream connection, CancellationToken stop)
    {
        if (_needsLogin && !request.Headers.ContainsKey("Authorization"))
        {
            return RawHttpServer.AnswerAsync(connection, "401 Unauthorized", default, "WWW-Authenticate: Basic realm=\"test\"");
        }
        if (_lies.TryGetValue(request.Path, out var lie))
        {
            return lie(connection, stop);
        }
        var last = request.Path[(request.Path.LastIndexOf('/') + 1)..];
        if (request.Path.Contains("/manifests/", StringComparison.Ordinal))
        {
            return SendAsync(connection, Digest.TryParse(last, out var digest) ? _manifests[digest] : _latest);
        }
        return Digest.TryParse(last, out var blob) && _blobs.TryGetValue(blob, out var content)
            ? RawHttpServer.AnswerAsync(connection, "200 OK", content)
            : RawHttpServer.AnswerAsync(connection, "404 Not Found", default);
    }

    private static Task SendAsync(Stream connection, StoredManifest manifest, params ReadOnlySpan<string> headers) =>
        RawHttpServer.AnswerAsync(connection, "200 OK", manifest.Raw, [$"Content-Type: {manifest.MediaType}", .. headers]);

    private static async Task EndlessAsync(Stream connection, CancellationToken stop)
    {
        await RawHttpServer.AnswerAsync(connection, "200 OK", default, "Transfer-Encoding: chunked");
        byte[] chunk = [.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
        while (true)
        {
            await connection.WriteAsync(chunk, stop);
        }
    }

    private sealed class Silent : IProgress<TransferEvent>
    {
        public void Report(TransferEvent value)
        {
        }
    }
}
