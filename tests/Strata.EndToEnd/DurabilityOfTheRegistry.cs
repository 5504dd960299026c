using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Strata.EndToEnd;

/// <summary>The registry answers 201 or 202 when what it says is on the disk, and not before.</summary>
public sealed class DurabilityOfTheRegistry
{
    private static readonly byte[] Config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"u8.ToArray();

    [Fact]
    public async Task A_registry_acknowledges_no_blob_before_it_is_durable()
    {
        await using var place = await Durability.OpenAsync();
        var file = place.PathOf("registry-trace");
        var registry = await ServeTracedAsync(place, file);
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/base:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/base:1")).Succeeded();
        await place.StopAllAsync();

        var trace = SystemCallTrace.Read(File.ReadLines(file));
        var blobs = place.PathOf("data", "blobs");
        Assert.Empty(trace.RegistryDisorder(blobs));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && Path.GetDirectoryName(call.Path) == blobs).RegistryDisorder(blobs));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == blobs).RegistryDisorder(blobs));
        Assert.NotEmpty(trace.Without(SystemCallTrace.IsLogSync).RegistryDisorder(blobs));
    }

    [Fact]
    public async Task Uploads_manifests_tags_and_deletions_are_answered_when_their_rows_are_durable()
    {
        await using var place = await Durability.OpenAsync();
        var file = place.PathOf("registry-trace");
        var registry = await ServeTracedAsync(place, file);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://{registry}/v2/") };
        var config = DigestOf(Config);
        var asked = 0;

        var session = await AskAsync(HttpMethod.Post, "one/blobs/uploads/", null, 202);
        var next = await AskAsync(HttpMethod.Patch, session, new ByteArrayContent(Config, 0, 10), 202);
        await AskAsync(HttpMethod.Put, $"{next}{(next.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={config}", new ByteArrayContent(Config, 10, Config.Length - 10), 201);
        await AskAsync(HttpMethod.Post, $"two/blobs/uploads/?mount={config}&from=one", null, 201);
        await AskAsync(HttpMethod.Post, $"three/blobs/uploads/?digest={config}", new ByteArrayContent(Config), 201);
        var (first, second) = (ManifestOf("first"), ManifestOf("second"));
        await AskAsync(HttpMethod.Put, "one/manifests/latest", Content(first), 201);
        await AskAsync(HttpMethod.Put, "one/manifests/latest", Content(second), 201);
        await AskAsync(HttpMethod.Delete, "one/manifests/latest", null, 202);
        await AskAsync(HttpMethod.Delete, $"one/manifests/{DigestOf(first)}", null, 202);
        await AskAsync(HttpMethod.Delete, $"three/blobs/{config}", null, 202);
        await place.StopAllAsync();

        var trace = SystemCallTrace.Read(File.ReadLines(file));
        Assert.Equal(asked, trace.Answers().Count);
        Assert.Empty(trace.AnswerDisorder());
        Assert.Equal(asked, trace.Without(SystemCallTrace.IsLogSync).AnswerDisorder().Count);

        // Gives back where to go on.
        async Task<string> AskAsync(HttpMethod method, string path, HttpContent? content, int status)
        {
            asked++;
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode == status, $"{method} {path}: {answer}");
            return answer.Headers.Location?.ToString() ?? "";
        }

        byte[] ManifestOf(string name) => Encoding.UTF8.GetBytes($$$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{config}}}","size":{{{Config.Length}}}},"layers":[],"annotations":{"name":"{{{name}}}"}}
            """);

        static ByteArrayContent Content(byte[] manifest) => new(manifest)
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/vnd.oci.image.manifest.v1+json") },
        };
    }

    [Fact]
    public async Task A_tag_that_goes_back_is_back_for_good_when_rollback_ends()
    {
        await using var place = await Durability.OpenAsync();
        var file = place.PathOf("registry-trace");
        var registry = await ServeTracedAsync(place, file);
        (await place.StrataAsync("import", Tars.Make(place, "second"), $"{registry}/app:2")).Succeeded();
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/app:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/app:1")).Succeeded();
        var before = new FileInfo(file).Length;
        (await place.StrataAsync("tag", $"{registry}/app:2", $"{registry}/app:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/app:1")).Succeeded();
        var begun = File.ReadLines(file).Count();
        Assert.True(new FileInfo(file).Length > before, "the second push was not seen");
        (await place.StrataAsync("tags", "rollback", $"{registry}/app:1")).Succeeded();
        await place.StopAllAsync();

        var trace = SystemCallTrace.Read(File.ReadLines(file));
        var synced = trace.All.First(call => call.Begun >= begun && SystemCallTrace.IsLogSync(call));
        Assert.Single(trace.All, call => call.Begun > synced.Ended && call.Text.Contains("HTTP/1.1 20", StringComparison.Ordinal));
    }

    private static Task<string> ServeTracedAsync(Workplace place, string file) => RegistryProcess.AddressOfAsync(place.StartOther(
        "strace", null, [.. SystemCallTrace.Traced(file), "registry", "serve", "--data", place.PathOf("data"), "--listen", "127.0.0.1:0"]));

    private static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
