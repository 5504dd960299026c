using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Testing;

namespace Strata.EndToEnd;

/// <summary>
/// A registry on loopback with one image, <c>app:1</c>, that takes uploads too. It tells the truth except where a test gave it
/// something else to say.
/// </summary>
internal sealed class ScriptedRegistry : IAsyncDisposable
{
    public const string ManifestPath = "/v2/app/manifests/1";
    public const string UploadPath = "/v2/app/blobs/uploads/";

    private readonly List<(string Method, string Path, Answer Answer)> _lies = [];
    private readonly Dictionary<string, StoredManifest> _manifests = [];
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly RawHttpServer _server;

    public ScriptedRegistry(X509Certificate2? certificate = null)
    {
        _server = new RawHttpServer(AnswerAsync, certificate);
        Serve(Image.Manifest);
        foreach (var (blob, content) in Image.Blobs)
        {
            Serve(content, blob.Digest);
        }
    }

    public delegate Task Answer(RawRequest request, Stream connection, CancellationToken stop);

    public static RandomImage Image { get; } = RandomImage.Create(7, layers: 2, layerSize: 100_000);

    public static Descriptor Layer => Image.Layers[1];

    public static byte[] LayerContent => Image.Blobs[2].Content;

    public static string LayerPath => $"/v2/app/blobs/{Layer.Digest}";

    public static string ConfigPath => $"/v2/app/blobs/{Image.ConfigDescriptor.Digest}";

    public string Authority => _server.Authority;

    /// <summary>The name of the image here.</summary>
    public string Name => $"{Authority}/app:1";

    public ConcurrentQueue<RawRequest> Seen { get; } = new();

    /// <summary>From now on these requests, of whose path <paramref name="path"/> is the beginning, are answered so.</summary>
    public void When(string method, string path, Answer answer) => _lies.Add((method, path, answer));

    /// <summary>The image that <c>app:1</c> means.</summary>
    public void Serve(StoredManifest manifest, bool isTagged = true)
    {
        _manifests[manifest.Digest.ToString()] = manifest;
        if (isTagged)
        {
            _manifests["1"] = manifest;
        }
    }

    public Descriptor Serve(byte[] content, Digest? called = null, string mediaType = MediaTypes.OciConfig)
    {
        var digest = called ?? Digest.Of(content);
        _blobs[digest.ToString()] = content;
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = content.Length };
    }

    public static Task SendAsync(Stream connection, string status, ReadOnlyMemory<byte> body = default, params ReadOnlySpan<string> headers) =>
        RawHttpServer.AnswerAsync(connection, status, body, headers);

    public static Task SendAsync(Stream connection, StoredManifest manifest, params ReadOnlySpan<string> headers) =>
        SendAsync(connection, "200 OK", manifest.Raw, [$"Content-Type: {manifest.MediaType}", .. headers]);

    /// <summary>Takes the body of a request, or as much of it.</summary>
    public static async Task TakeAsync(RawRequest request, Stream connection, CancellationToken stop, long most = long.MaxValue)
    {
        var left = Math.Min(most, request.Headers.TryGetValue("Content-Length", out var length) ? long.Parse(length, CultureInfo.InvariantCulture) : 0);
        var piece = new byte[64 * 1024];
        while (left > 0 && await connection.ReadAsync(piece.AsMemory(0, (int)Math.Min(left, piece.Length)), stop) is var read and > 0)
        {
            left -= read;
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task AnswerAsync(RawRequest request, Stream connection, CancellationToken stop)
    {
        Seen.Enqueue(request);
        var lie = _lies.FindLast(lie => lie.Method == request.Method && request.Path.StartsWith(lie.Path, StringComparison.Ordinal));
        return lie.Answer is { } answer ? answer(request, connection, stop) : HonestAsync(request, connection, stop);
    }

    private async Task HonestAsync(RawRequest request, Stream connection, CancellationToken stop)
    {
        var last = request.Path[(request.Path.LastIndexOf('/') + 1)..];
        switch (request.Method)
        {
            case "POST":
                await SendAsync(connection, "202 Accepted", default, $"Location: {UploadPath}1");
                break;
            case "PUT" or "PATCH":
                await TakeAsync(request, connection, stop);
                await SendAsync(connection, "201 Created");
                break;
            case "GET" when request.Path.Contains("/manifests/", StringComparison.Ordinal) && _manifests.TryGetValue(last, out var manifest):
                await SendAsync(connection, manifest);
                break;
            case "GET" when _blobs.TryGetValue(last, out var content):
                await SendAsync(connection, "200 OK", content);
                break;
            default:
                await SendAsync(connection, request.Path == "/v2/" ? "200 OK" : "404 Not Found");
                break;
        }
    }
}
