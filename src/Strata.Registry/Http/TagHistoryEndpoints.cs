using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Registry.Storage;

namespace Strata.Registry.Http;

/// <summary>
/// <c>GET /api/v1/repositories/&lt;name&gt;/tags/&lt;tag&gt;/history?n=&amp;before=</c> and
/// <c>POST /api/v1/repositories/&lt;name&gt;/tags/&lt;tag&gt;/rollback</c>.
/// </summary>
internal sealed class TagHistoryEndpoints(IRegistryMetadata metadata, RegistryLimits limits, TimeProvider time)
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;
    private const int MaxBody = 4096;

    public async Task HistoryAsync(RegistryCall call)
    {
        if (!call.IsRead)
        {
            await call.MethodNotAllowedAsync("GET, HEAD");
            return;
        }
        if (await ReadTagAsync(call) is not { } tag)
        {
            return;
        }
        var count = Math.Clamp(Number(call, "n") ?? DefaultPage, 1, MaxPage);
        var changes = await metadata.TagHistoryAsync(call.Repository, tag, Number(call, "before") ?? long.MaxValue, (int)count + 1, call.Aborted);
        if (changes.Count == 0 && !call.Request.Query.ContainsKey("before"))
        {
            await call.FailAsync(OciErrorCode.ManifestUnknown, $"{call.Repository} never had a tag {tag}.");
            return;
        }
        var page = changes.Take((int)count).Select(c => new TagChangeEntry(c.Id, c.From?.ToString(), c.To?.ToString(), c.By.Length == 0 ? null : c.By, c.At)).ToList();
        if (changes.Count > page.Count)
        {
            call.Response.Headers.Link = $"<{call.Request.Path}?n={count}&before={page[^1].Id}>; rel=\"next\"";
        }
        var current = await metadata.FindManifestAsync(call.Repository, tag, call.Aborted);
        await JsonResponse.WriteAsync(
            call.Context,
            new TagHistoryPage(call.Repository.ToString(), tag.ToString(), current?.Digest.ToString(), page),
            RegistryJson.Shared.TagHistoryPage);
    }

    public async Task RollbackAsync(RegistryCall call)
    {
        if (!HttpMethods.IsPost(call.Request.Method))
        {
            await call.MethodNotAllowedAsync("POST");
            return;
        }
        if (await ReadTagAsync(call) is not { } tag || await ReadGoalAsync(call) is not (true, var to))
        {
            return;
        }
        switch (await metadata.MoveTagAsync(new MoveTag(call.Repository, tag, to, call.Actor, time.GetUtcNow()), call.Aborted))
        {
            case MoveTagResult.Moved moved:
                await JsonResponse.WriteAsync(
                    call.Context,
                    new RollbackAnswer(call.Repository.ToString(), tag.ToString(), moved.From?.ToString(), moved.To.ToString()),
                    RegistryJson.Shared.RollbackAnswer);
                break;
            case MoveTagResult.ManifestUnknown unknown:
                await call.FailAsync(OciErrorCode.ManifestUnknown, $"{call.Repository} has no manifest {unknown.To}; the tag stays where it is.");
                break;
            default:
                await call.FailAsync(OciErrorCode.ManifestUnknown, $"{call.Repository}:{tag} meant nothing earlier; the tag stays where it is.");
                break;
        }
    }

    private static async Task<Tag?> ReadTagAsync(RegistryCall call)
    {
        if (Tag.TryParse(call.Argument, out var tag))
        {
            return tag;
        }
        await call.FailAsync(OciErrorCode.TagInvalid, $"'{call.Argument}' is no tag.");
        return null;
    }

    /// <summary>Without a body, or without <c>to</c> in it, the goal is what the tag meant before, see <see cref="MoveTag"/>.</summary>
    private async Task<(bool Valid, Digest? To)> ReadGoalAsync(RegistryCall call)
    {
        var buffer = new byte[MaxBody + 1];
        using var watch = new IdleWatch(limits.IdleTimeout, time, call.Aborted);
        await using var body = new WatchedBody(call.Request.Body, watch);
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, call.Aborted);
        if (length == 0)
        {
            return (true, null);
        }
        try
        {
            if (length <= MaxBody)
            {
                var text = JsonSerializer.Deserialize(buffer.AsSpan(0, length), RegistryJson.Shared.RollbackRequest)?.To;
                if (text is null)
                {
                    return (true, null);
                }
                if (Digest.TryParse(text, out var digest))
                {
                    return (true, digest);
                }
            }
        }
        catch (JsonException)
        {
            // Answered below, as every other body that can't be understood.
        }
        await call.FailAsync(OciErrorCode.DigestInvalid, "The body must be empty or {\"to\":\"sha256:…\"}.");
        return (false, null);
    }

    private static long? Number(RegistryCall call, string name) =>
        long.TryParse(call.Request.Query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
