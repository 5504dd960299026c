using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Strata.Oci;
using Strata.Registry.Storage;

namespace Strata.Registry.Http;

/// <summary>Tags, referrers and the catalogue (end-8, end-12), paged by the key of the last entry.</summary>
internal sealed class ListEndpoints(IRegistryMetadata metadata, RegistryLimits limits)
{
    private const int ReferrersPage = 1000;

    /// <summary>An answer is an index, and clients read those up to 4 MiB.</summary>
    private const int MaxReferrersSize = 3 * 1024 * 1024;

    public async Task TagsAsync(RegistryCall call)
    {
        if (!call.IsRead)
        {
            await call.MethodNotAllowedAsync("GET, HEAD");
            return;
        }
        if (await ReadCountAsync(call.Context) is not { } count)
        {
            return;
        }
        // One more than asked for tells whether a next page exists.
        if (await metadata.ListTagsAsync(call.Repository, call.Request.Query["last"], count + 1, call.Aborted) is not { } tags)
        {
            await call.FailAsync(OciErrorCode.NameUnknown);
            return;
        }
        var page = Page(call.Context, tags, count);
        await JsonResponse.WriteAsync(call.Context, new TagList(call.Repository.ToString(), page), RegistryJson.Shared.TagList);
    }

    public async Task CatalogAsync(HttpContext context)
    {
        if (await ReadCountAsync(context) is not { } count)
        {
            return;
        }
        var names = await metadata.ListRepositoriesAsync(context.Request.Query["last"], count + 1, context.RequestAborted);
        await JsonResponse.WriteAsync(context, new RepositoryList(Page(context, names, count)), RegistryJson.Shared.RepositoryList);
    }

    public async Task ReferrersAsync(RegistryCall call)
    {
        if (!call.IsRead)
        {
            await call.MethodNotAllowedAsync("GET, HEAD");
            return;
        }
        if (!Digest.TryParse(call.Argument, out var subject))
        {
            await call.FailAsync(OciErrorCode.DigestInvalid, $"'{call.Argument}' is no sha256 or sha512 digest.");
            return;
        }
        var query = call.Request.Query;
        var artifactType = query["artifactType"].ToString() is { Length: > 0 } wanted ? wanted : null;
        _ = long.TryParse(query["last"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var after);
        var referrers = await metadata.ListReferrersAsync(call.Repository, subject, artifactType, after, ReferrersPage + 1, call.Aborted);
        var (body, shown) = WriteIndex(referrers);
        if (artifactType is not null)
        {
            call.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        }
        if (shown < referrers.Count)
        {
            var filter = artifactType is null ? "" : $"artifactType={Uri.EscapeDataString(artifactType)}&";
            SetNext(call.Context, $"{filter}last={referrers[shown - 1].Manifest.Id}");
        }
        await JsonResponse.WriteAsync(call.Context, body, MediaTypes.OciIndex);
    }

    private static (ReadOnlyMemory<byte> Body, int Shown) WriteIndex(IReadOnlyList<Referrer> referrers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RegistryJson.Shared.Options.Encoder });
        var shown = 0;
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.OciIndex);
        json.WriteStartArray("manifests");
        foreach (var (manifest, artifactType, annotations) in referrers.Take(ReferrersPage))
        {
            json.WriteStartObject();
            json.WriteString("mediaType", manifest.MediaType);
            json.WriteString("digest", manifest.Digest.ToString());
            json.WriteNumber("size", manifest.Size);
            if (artifactType is not null)
            {
                json.WriteString("artifactType", artifactType);
            }
            if (annotations is not null)
            {
                json.WritePropertyName("annotations");
                json.WriteRawValue(annotations);
            }
            json.WriteEndObject();
            shown++;
            if (json.BytesCommitted + json.BytesPending > MaxReferrersSize)
            {
                break;
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return (buffer.WrittenMemory, shown);
    }

    /// <summary>Null when the answer was given.</summary>
    private async Task<int?> ReadCountAsync(HttpContext context)
    {
        var text = context.Request.Query["n"].ToString();
        if (text.Length == 0)
        {
            return limits.MaxPageSize;
        }
        if (!text.All(char.IsAsciiDigit))
        {
            await OciErrorResponse.WriteAsync(context, OciErrorCode.PaginationNumberInvalid, $"'{text}' is no number of results; n is 0 or more.");
            return null;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Min(count, limits.MaxPageSize) : limits.MaxPageSize;
    }

    private static IReadOnlyList<string> Page(HttpContext context, IReadOnlyList<string> entries, int count)
    {
        if (entries.Count <= count)
        {
            return entries;
        }
        var page = entries.Take(count).ToList();
        if (count > 0)
        {
            SetNext(context, $"n={count}&last={Uri.EscapeDataString(page[^1])}");
        }
        return page;
    }

    private static void SetNext(HttpContext context, string query) => context.Response.Headers.Link = $"<{context.Request.Path}?{query}>; rel=\"next\"";
}
