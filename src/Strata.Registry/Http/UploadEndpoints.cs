using Microsoft.AspNetCore.Http;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Registry.Storage;
using Strata.Registry.Uploads;

namespace Strata.Registry.Http;

/// <summary><c>/v2/&lt;name&gt;/blobs/uploads/</c> and the sessions below it (end-4, end-5, end-6, end-11, end-13, end-14).</summary>
internal sealed class UploadEndpoints(UploadService uploads, RegistryStorage storage, RegistryLimits limits, TimeProvider time)
{
    public Task HandleCollectionAsync(RegistryCall call)
    {
        if (!HttpMethods.IsPost(call.Request.Method))
        {
            return call.MethodNotAllowedAsync("POST");
        }
        var query = call.Request.Query;
        if (query.ContainsKey("mount"))
        {
            return MountAsync(call);
        }
        return query.ContainsKey("digest") ? PostWholeAsync(call) : BeginAsync(call);
    }

    public Task HandleSessionAsync(RegistryCall call)
    {
        if (!UploadId.TryParse(call.Argument, out var id))
        {
            return call.FailAsync(OciErrorCode.BlobUploadUnknown);
        }
        var target = new UploadTarget(id, call.Repository, call.Actor);
        return call.Request.Method switch
        {
            "PATCH" => PatchAsync(call, target),
            "PUT" => PutAsync(call, target),
            "GET" or "HEAD" => StatusAsync(call, target),
            "DELETE" => CancelAsync(call, target),
            _ => call.MethodNotAllowedAsync("GET, PATCH, PUT, DELETE"),
        };
    }

    private async Task BeginAsync(RegistryCall call)
    {
        var wanted = call.Request.Query["digest-algorithm"].ToString();
        DigestAlgorithm? algorithm = wanted switch { "" or "sha256" => DigestAlgorithm.Sha256, "sha512" => DigestAlgorithm.Sha512, _ => null };
        if (algorithm is null)
        {
            await call.FailAsync(OciErrorCode.DigestInvalid, $"Digest algorithm '{wanted}' is not supported; use sha256 or sha512.");
            return;
        }
        Answer(call, await uploads.BeginAsync(call.Repository, algorithm.Value, call.Actor, resumable: true, call.Aborted), StatusCodes.Status202Accepted);
    }

    private async Task MountAsync(RegistryCall call)
    {
        var query = call.Request.Query;
        if (!Digest.TryParse(query["mount"].ToString(), out var digest))
        {
            await call.FailAsync(OciErrorCode.DigestInvalid, $"'{query["mount"]}' is no digest.");
            return;
        }
        // Without a source the registry may look for the blob itself; it does not, since a digest alone gives nobody access to bytes.
        if (RepositoryName.TryParse(query["from"].ToString(), out var from)
            && await storage.Metadata.MountBlobAsync(new MountBlob(call.Repository, from, digest, call.Actor, time.GetUtcNow()), call.Aborted))
        {
            Created(call, digest);
            return;
        }
        await BeginAsync(call);
    }

    private async Task PostWholeAsync(RegistryCall call)
    {
        if (await ReadDigestAsync(call) is not { } digest)
        {
            return;
        }
        var session = await uploads.BeginAsync(call.Repository, digest.Algorithm, call.Actor, resumable: false, call.Aborted);
        var target = new UploadTarget(session.Id, session.Repository, session.Owner);
        try
        {
            await SendBodyAsync(call, null, body => uploads.CompleteAsync(target, body, digest, call.Aborted));
        }
        catch
        {
            await uploads.CancelAsync(target, CancellationToken.None);
            throw;
        }
    }

    private async Task PatchAsync(RegistryCall call, UploadTarget target)
    {
        if (await ReadRangeAsync(call) is (true, var range))
        {
            await SendBodyAsync(call, range, body => uploads.AppendAsync(target, body, call.Aborted));
        }
    }

    private async Task PutAsync(RegistryCall call, UploadTarget target)
    {
        if (await ReadDigestAsync(call) is { } digest && await ReadRangeAsync(call) is (true, var range))
        {
            await SendBodyAsync(call, range, body => uploads.CompleteAsync(target, body, digest, call.Aborted));
        }
    }

    private async Task StatusAsync(RegistryCall call, UploadTarget target)
    {
        if (await uploads.FindAsync(target, call.Aborted) is { } session)
        {
            Answer(call, session, StatusCodes.Status204NoContent);
        }
        else
        {
            await call.FailAsync(OciErrorCode.BlobUploadUnknown);
        }
    }

    private async Task CancelAsync(RegistryCall call, UploadTarget target)
    {
        if (await uploads.CancelAsync(target, call.Aborted))
        {
            call.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await call.FailAsync(OciErrorCode.BlobUploadUnknown);
        }
    }

    private async Task SendBodyAsync(RegistryCall call, ContentRange? range, Func<UploadBody, Task<UploadOutcome>> send)
    {
        using var watch = new IdleWatch(limits.IdleTimeout, time, call.Aborted);
        await using var body = new WatchedBody(call.Request.Body, watch);
        var outcome = await send(new UploadBody(body, range));
        switch (outcome)
        {
            case UploadOutcome.Advanced advanced:
                Answer(call, advanced.Session, StatusCodes.Status202Accepted);
                break;
            case UploadOutcome.Completed completed:
                Created(call, completed.Digest);
                break;
            case UploadOutcome.OutOfOrder outOfOrder:
                SetPosition(call, outOfOrder.Session);
                await call.FailAsync(OciErrorCode.RangeInvalid, $"The chunk begins at {range!.Value.First}, the upload stands at {outOfOrder.Session.Offset}.");
                break;
            case UploadOutcome.WrongLength wrong:
                await call.FailAsync(OciErrorCode.SizeInvalid, $"The chunk has {wrong.Received} bytes where its Content-Range says {wrong.Expected}; none of them were kept.");
                break;
            case UploadOutcome.DigestMismatch mismatch:
                await call.FailAsync(OciErrorCode.DigestInvalid, $"The bytes uploaded are {mismatch.Actual}; the upload is given up.");
                break;
            case UploadOutcome.Busy:
                await call.FailAsync(OciErrorCode.BlobUploadInvalid, "Another request is writing to this upload.", StatusCodes.Status409Conflict);
                break;
            default:
                await call.FailAsync(OciErrorCode.BlobUploadUnknown);
                break;
        }
    }

    private static async Task<Digest?> ReadDigestAsync(RegistryCall call)
    {
        var text = call.Request.Query["digest"].ToString();
        if (Digest.TryParse(text, out var digest))
        {
            return digest;
        }
        await call.FailAsync(
            OciErrorCode.DigestInvalid,
            text.Length == 0 ? "The digest of the blob is missing: add ?digest=." : $"'{text}' is no sha256 or sha512 digest.");
        return null;
    }

    private static async Task<(bool Valid, ContentRange? Range)> ReadRangeAsync(RegistryCall call)
    {
        var text = call.Request.Headers.ContentRange.ToString();
        if (text.Length == 0)
        {
            return (true, null);
        }
        if (!ContentRange.TryParse(text, out var range))
        {
            await call.FailAsync(OciErrorCode.BlobUploadInvalid, $"'{text}' is no Content-Range; expected first-last, such as 0-1023.");
            return (false, null);
        }
        if (call.Request.ContentLength is { } length && length != range.Length)
        {
            await call.FailAsync(OciErrorCode.SizeInvalid, $"Content-Length is {length}, but the Content-Range {text} has {range.Length} bytes.");
            return (false, null);
        }
        return (true, range);
    }

    private static void Answer(RegistryCall call, UploadSession session, int status)
    {
        call.Response.StatusCode = status;
        SetPosition(call, session);
    }

    private static void SetPosition(RegistryCall call, UploadSession session)
    {
        var headers = call.Response.Headers;
        headers.Location = $"/v2/{session.Repository}/blobs/uploads/{session.Id}";
        // The form has no way to say "nothing yet"; registries answer 0-0, and clients take it so.
        headers["Range"] = $"0-{Math.Max(0, session.Offset - 1)}";
        headers["Docker-Upload-UUID"] = session.Id.ToString();
    }

    private static void Created(RegistryCall call, Digest digest)
    {
        call.Response.StatusCode = StatusCodes.Status201Created;
        call.Response.Headers.Location = call.BlobUrl(digest);
        call.Response.Headers["Docker-Content-Digest"] = digest.ToString();
    }
}
