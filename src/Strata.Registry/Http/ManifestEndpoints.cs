using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Registry.Manifests;
using Strata.Registry.Storage;

namespace Strata.Registry.Http;

/// <summary><c>/v2/&lt;name&gt;/manifests/&lt;tag-or-digest&gt;</c> (end-3, end-7, end-9).</summary>
internal sealed class ManifestEndpoints(IRegistryMetadata metadata, RegistryLimits limits, TimeProvider time)
{
    private readonly ManifestCache _cache = new(limits.ManifestCacheSize);

    public Task HandleAsync(RegistryCall call)
    {
        if (call.IsRead)
        {
            return GetAsync(call);
        }
        return call.Request.Method switch
        {
            "PUT" => PutAsync(call),
            "DELETE" => DeleteAsync(call),
            _ => call.MethodNotAllowedAsync("GET, HEAD, PUT, DELETE"),
        };
    }

    private async Task GetAsync(RegistryCall call)
    {
        var entry = Digest.TryParse(call.Argument, out var digest) ? await metadata.FindManifestAsync(call.Repository, digest, call.Aborted)
            : Tag.TryParse(call.Argument, out var tag) ? await metadata.FindManifestAsync(call.Repository, tag, call.Aborted)
            : null;
        if (entry is null)
        {
            await call.FailAsync(OciErrorCode.ManifestUnknown);
            return;
        }
        call.Response.Headers["Docker-Content-Digest"] = entry.Digest.ToString();
        if (call.AnsweredNotModified(entry.Digest))
        {
            return;
        }
        if (HttpMethods.IsHead(call.Request.Method))
        {
            call.Response.ContentType = entry.MediaType;
            call.Response.ContentLength = entry.Size;
            return;
        }
        if ((_cache.Find(entry.Id) ?? await LoadAsync(entry.Id, call.Aborted)) is not { } content)
        {
            await call.FailAsync(OciErrorCode.ManifestUnknown);
            return;
        }
        await JsonResponse.WriteAsync(call.Context, content, entry.MediaType);
    }

    private async ValueTask<byte[]?> LoadAsync(long id, CancellationToken cancellationToken)
    {
        var content = await metadata.ReadManifestAsync(id, cancellationToken);
        if (content is not null)
        {
            _cache.Add(id, content);
        }
        return content;
    }

    private async Task PutAsync(RegistryCall call)
    {
        if (await ReadTargetAsync(call) is not var (named, tags, extraTags) || await ReadBodyAsync(call) is not { } raw)
        {
            return;
        }
        if (!ManifestContent.TryRead(raw, call.Request.ContentType, out var content, out var problem))
        {
            await call.FailAsync(OciErrorCode.ManifestInvalid, $"The manifest is refused: {problem}.");
            return;
        }
        var digest = ContentHasher.DigestOf(raw.Span, named?.Algorithm ?? DigestAlgorithm.Sha256);
        if (named is { } expected && expected != digest)
        {
            await call.FailAsync(OciErrorCode.DigestInvalid, $"The manifest sent is {digest}, not {expected}.");
            return;
        }
        var result = await metadata.PutManifestAsync(
            new PutManifest
            {
                Repository = call.Repository,
                Digest = digest,
                MediaType = content.MediaType,
                Content = raw,
                Tags = tags,
                Blobs = content.Blobs,
                Children = content.Children,
                Subject = content.Subject,
                ArtifactType = content.ArtifactType,
                Annotations = content.Annotations is { } annotations
                    ? JsonSerializer.Serialize(annotations, RegistryJson.Shared.IReadOnlyDictionaryStringString)
                    : null,
                By = call.Actor,
                At = time.GetUtcNow(),
            },
            CancellationToken.None);
        if (result is PutManifestResult.Lacking lacking)
        {
            await OciErrorResponse.WriteAsync(call.Context, OciErrorCode.ManifestBlobUnknown, lacking.Digests);
            return;
        }
        var headers = call.Response.Headers;
        call.Response.StatusCode = StatusCodes.Status201Created;
        headers.Location = call.ManifestUrl(digest);
        headers["Docker-Content-Digest"] = digest.ToString();
        if (content.Subject is { } subject)
        {
            headers["OCI-Subject"] = subject.ToString();
        }
        if (extraTags.Count > 0)
        {
            headers["OCI-Tag"] = string.Join(", ", extraTags);
        }
    }

    private async Task DeleteAsync(RegistryCall call)
    {
        bool deleted;
        if (Digest.TryParse(call.Argument, out var digest))
        {
            deleted = await metadata.DeleteManifestAsync(new DeleteManifest(call.Repository, digest, call.Actor, time.GetUtcNow()), call.Aborted);
        }
        else if (Tag.TryParse(call.Argument, out var tag))
        {
            deleted = await metadata.DeleteTagAsync(new DeleteTag(call.Repository, tag, call.Actor, time.GetUtcNow()), call.Aborted);
        }
        else
        {
            await call.FailAsync(OciErrorCode.TagInvalid, $"'{call.Argument}' is neither a tag nor a digest.");
            return;
        }
        if (deleted)
        {
            call.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        else
        {
            await call.FailAsync(OciErrorCode.ManifestUnknown);
        }
    }

    /// <summary>Null when the answer was given: the path or a <c>tag</c> parameter names nothing.</summary>
    private async Task<(Digest? Named, IReadOnlyList<Tag> Tags, IReadOnlyList<Tag> ExtraTags)?> ReadTargetAsync(RegistryCall call)
    {
        var extra = new List<Tag>();
        foreach (var text in call.Request.Query["tag"])
        {
            if (!Tag.TryParse(text, out var tag))
            {
                await call.FailAsync(OciErrorCode.TagInvalid, $"'{text}' is no tag.");
                return null;
            }
            extra.Add(tag);
        }
        if (extra.Count > limits.MaxTagsPerPush)
        {
            await call.FailAsync(OciErrorCode.TagInvalid, $"{extra.Count} tags in one push are too many; at most {limits.MaxTagsPerPush} are taken.", StatusCodes.Status414UriTooLong);
            return null;
        }
        if (Digest.TryParse(call.Argument, out var digest))
        {
            return (digest, extra, extra);
        }
        if (Tag.TryParse(call.Argument, out var single))
        {
            return (null, [single, .. extra], extra);
        }
        if (call.Argument.Contains(':', StringComparison.Ordinal))
        {
            await call.FailAsync(OciErrorCode.DigestInvalid, $"'{call.Argument}' is no sha256 or sha512 digest.");
        }
        else
        {
            await call.FailAsync(OciErrorCode.TagInvalid, $"'{call.Argument}' is no tag.");
        }
        return null;
    }

    private async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(RegistryCall call)
    {
        using var watch = new IdleWatch(limits.IdleTimeout, time, call.Aborted);
        await using var body = new WatchedBody(call.Request.Body, watch);
        if (call.Request.ContentLength > limits.MaxManifestSize)
        {
            return await TooLargeAsync(call);
        }
        using var content = new MemoryStream((int)(call.Request.ContentLength ?? 0));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, call.Aborted)) > 0)
        {
            if (content.Length + read > limits.MaxManifestSize)
            {
                return await TooLargeAsync(call);
            }
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    private async Task<ReadOnlyMemory<byte>?> TooLargeAsync(RegistryCall call)
    {
        await call.FailAsync(OciErrorCode.SizeInvalid, $"A manifest may have at most {limits.MaxManifestSize:N0} bytes.", StatusCodes.Status413PayloadTooLarge);
        return null;
    }
}
