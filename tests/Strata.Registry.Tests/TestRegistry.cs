using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Registry.Tests;

/// <summary>A server on a port of its own over a folder of its own, and a client that speaks to it without any manners of its own.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TimeProvider _time;
    private readonly RegistryOptions _options;
    private RegistryServer? _server;
    private HttpClient? _client;

    private TestRegistry(Func<RegistryOptions, RegistryOptions> configure, TimeProvider time)
    {
        _time = time;
        _options = configure(new RegistryOptions { DataDirectory = _folder.File("data"), Listen = [new IPEndPoint(IPAddress.Loopback, 0)] });
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public RegistryServer Server => _server!;
    public HttpClient Client => _client!;
    public string DataDirectory => _options.DataDirectory;

    /// <summary>The files that hold blobs' bytes.</summary>
    public string[] BlobFiles => Directory.GetFiles(Path.Join(DataDirectory, "blobs"), "*", SearchOption.AllDirectories);

    public static Task<TestRegistry> StartAsync(TimeProvider? time = null) => StartAsync(options => options, time);

    public static async Task<TestRegistry> StartAsync(Func<RegistryOptions, RegistryOptions> configure, TimeProvider? time = null)
    {
        var registry = new TestRegistry(configure, time ?? TimeProvider.System);
        await registry.OpenAsync(registry._options);
        return registry;
    }

    public async Task RestartAsync(Func<RegistryOptions, RegistryOptions>? configure = null)
    {
        await CloseAsync();
        await OpenAsync(configure is null ? _options : configure(_options));
    }

    /// <summary>Goes on with a copy of the files as they are this moment: what a process killed now would leave behind.</summary>
    public async Task CrashAsync()
    {
        var copy = _folder.File("crashed");
        // By another process: one that closes a database's files in this one would drop SQLite's locks.
        using (var cp = Process.Start("cp", ["-r", DataDirectory, copy]))
        {
            await cp.WaitForExitAsync(Stop);
        }
        await CloseAsync();
        Directory.Delete(DataDirectory, recursive: true);
        Directory.Move(copy, DataDirectory);
        await OpenAsync(_options);
    }

    public Task<HttpResponseMessage> SendAsync(string method, string path, byte[]? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, body is null ? null : new ByteArrayContent(body), headers);

    public async Task<HttpResponseMessage> SendAsync(string method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return await Client.SendAsync(request, HttpCompletionOption.ResponseContentRead, Stop);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, (byte[]?)null, headers);

    public async Task<Digest> PushBlobAsync(string repository, byte[] content, DigestAlgorithm algorithm = DigestAlgorithm.Sha256)
    {
        var digest = Content.Streams.ContentHasher.DigestOf(content, algorithm);
        using var response = await SendAsync("POST", $"/v2/{repository}/blobs/uploads/?digest={digest}", content);
        await response.MustBeAsync(HttpStatusCode.Created);
        return digest;
    }

    /// <summary>An image of a config and a layer of its own, pushed under the tags.</summary>
    public async Task<Manifest> PushImageAsync(string repository, string content, params string[] tags)
    {
        var config = await DescribeAsync(repository, MediaTypes.OciConfig, Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","author":"{{content}}","rootfs":{"type":"layers","diff_ids":[]} }"""));
        var layer = await DescribeAsync(repository, MediaTypes.OciLayerTar, Encoding.UTF8.GetBytes("layer of " + content));
        var manifest = Manifest.Create(config, [layer]);
        foreach (var tag in tags.Length == 0 ? [manifest.Digest.ToString()] : tags)
        {
            await PutManifestAsync(repository, tag, manifest.Raw.ToArray(), manifest.MediaType);
        }
        return manifest;
    }

    public async Task PutManifestAsync(string repository, string reference, byte[] raw, string mediaType)
    {
        using var response = await SendAsync("PUT", $"/v2/{repository}/manifests/{reference}", raw, ("Content-Type", mediaType));
        await response.MustBeAsync(HttpStatusCode.Created);
    }

    public async Task<string> BeginUploadAsync(string repository, string query = "")
    {
        using var response = await SendAsync("POST", $"/v2/{repository}/blobs/uploads/{query}");
        await response.MustBeAsync(HttpStatusCode.Accepted);
        return response.Headers.Location!.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    private async Task<Descriptor> DescribeAsync(string repository, string mediaType, byte[] content) =>
        new() { MediaType = mediaType, Digest = await PushBlobAsync(repository, content), Size = content.Length };

    private async Task OpenAsync(RegistryOptions options)
    {
        _server = await RegistryServer.StartAsync(options, NullLoggerFactory.Instance, _time, Stop);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _server.Addresses[0] };
    }

    private async Task CloseAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

internal static class ResponseAssertions
{
    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    public static async Task MustBeAsync(this HttpResponseMessage response, HttpStatusCode status) =>
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {await response.Content.ReadAsStringAsync()}");

    /// <summary>The status, and the first error's code in the body.</summary>
    public static async Task MustFailAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        await response.MustBeAsync(status);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        var error = (await response.JsonAsync()).GetProperty("errors")[0];
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEqual("", error.GetProperty("message").GetString());
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;

    public static string[] Strings(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
}
