using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>What a registry has acknowledged, read back: every manifest and every blob, to the byte.</summary>
internal sealed class ServedImages
{
    private readonly Dictionary<string, string> _acknowledged = new(StringComparer.Ordinal);

    public int Count => _acknowledged.Count;

    /// <param name="repository">With its tag: app:1.</param>
    /// <param name="digest">The manifest's, as push printed it.</param>
    public void Acknowledge(string repository, string digest) => _acknowledged[repository] = digest;

    public async Task AssertServedAsync(string registry)
    {
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://{registry}/v2/") };
        foreach (var (name, digest) in _acknowledged)
        {
            var (repository, tag) = (name[..name.LastIndexOf(':')], name[(name.LastIndexOf(':') + 1)..]);
            var manifest = await GetAsync(client, $"{repository}/manifests/{tag}", digest);
            using var document = JsonDocument.Parse(manifest);
            foreach (var blob in document.RootElement.GetProperty("layers").EnumerateArray().Append(document.RootElement.GetProperty("config")))
            {
                var wanted = blob.GetProperty("digest").GetString()!;
                await GetAsync(client, $"{repository}/blobs/{wanted}", wanted);
            }
        }
    }

    /// <summary>The digest that a tag stands for.</summary>
    public static async Task<string> DigestAsync(string registry, string repository, string tag)
    {
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://{registry}/v2/") };
        using var request = new HttpRequestMessage(HttpMethod.Head, $"{repository}/manifests/{tag}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        using var answer = await client.SendAsync(request);
        return answer.Headers.GetValues("Docker-Content-Digest").Single();
    }

    private static async Task<byte[]> GetAsync(HttpClient client, string path, string digest)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        using var answer = await client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"acknowledged and not served: {path}: {(int)answer.StatusCode}");
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(digest, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)));
        return bytes;
    }
}
