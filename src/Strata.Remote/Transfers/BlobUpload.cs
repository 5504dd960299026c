using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Remote.Retrying;

namespace Strata.Remote.Transfers;

/// <summary>
/// One blob on its way up (distribution-spec, "Pushing blobs"): in one request where all goes well. When that breaks, the registry is
/// asked how much it has, and the rest is sent from that byte; a registry that has forgotten the upload gets it anew.
/// </summary>
/// <param name="again">Where the bytes can be read once more; null: nowhere, and what breaks is given up.</param>
internal sealed class BlobUpload(RepositoryAccess access, Descriptor blob, IImageReader? again)
{
    private static readonly MediaTypeHeaderValue OctetStream = new(MediaTypes.OctetStream);

    private string What => $"the upload of {blob.Digest.Short} to {access.Registry}/{access.Name}";

    public static async Task<UploadSession> BeginAsync(RepositoryAccess access, Descriptor blob, CancellationToken cancellationToken)
    {
        var path = blob.Digest.Algorithm == DigestAlgorithm.Sha256 ? "blobs/uploads/" : "blobs/uploads/?digest-algorithm=sha512";
        var scope = AccessScope.Push(access.Name);
        using var response = await access.SendAsync(HttpMethod.Post, path, scope, cancellationToken);
        return response.StatusCode != HttpStatusCode.NotFound
            ? new UploadSession(PlaceOf(access, response), scope)
            : throw new RegistryException($"{access.Registry} has no place for {access.Name}: the upload was answered with 404.")
            {
                Status = response.StatusCode,
                Hint = "some registries want the repository to be made first",
            };
    }

    public static Uri PlaceOf(RepositoryAccess access, HttpResponseMessage response)
    {
        if (response.Headers.Location is not { } location)
        {
            throw new RegistryException($"{access.Registry} began an upload to {access.Name} without saying where (no Location).");
        }
        var asked = response.RequestMessage!.RequestUri!;
        return Uri.TryCreate(asked, location, out var place) && (place.Scheme == Uri.UriSchemeHttps || (place.Scheme == Uri.UriSchemeHttp && asked.Scheme == Uri.UriSchemeHttp))
            ? place
            : throw new RegistryException($"{access.Registry} began an upload to {access.Name} at {location.OriginalString}, which is not followed.")
            {
                Hint = "behind a proxy that speaks https, a registry has to be told so (X-Forwarded-Proto)",
            };
    }

    public async Task RunAsync(UploadSession session, VerifyingStream content, CancellationToken cancellationToken)
    {
        var retries = access.Retries(What);
        var furthest = 0L;
        VerifyingStream? reopened = null;
        try
        {
            while (true)
            {
                if (await TrySendAsync(session, reopened ?? content, retries, cancellationToken))
                {
                    return;
                }
                if (await HasAllAsync(retries, cancellationToken))
                {
                    // Only the last answer was lost.
                    return;
                }
                session = await AskAsync(session, retries, cancellationToken) ?? await BeginAsync(access, blob, cancellationToken);
                if (session.Offset > furthest)
                {
                    furthest = session.Offset;
                    retries.Progressed();
                }
                reopened?.Dispose();
                reopened = await ReopenAsync(session.Offset, content.Progress, cancellationToken);
            }
        }
        finally
        {
            reopened?.Dispose();
        }
    }

    /// <summary>False when it broke, and may be gone on with now.</summary>
    private async Task<bool> TrySendAsync(UploadSession session, VerifyingStream content, RetryBudget retries, CancellationToken cancellationToken)
    {
        using var watch = access.Watch(cancellationToken);
        using var body = new UploadContent(content, blob.Size - session.Offset, watch);
        body.Headers.ContentType = OctetStream;
        Fault fault;
        RegistryException? refusal = null;
        Exception? cause = null;
        try
        {
            using var response = await SendRestAsync(session, body, cancellationToken);
            if (response.StatusCode != HttpStatusCode.NotFound)
            {
                // A registry may answer before the body was read, and the source is to be seen whole.
                body.SourceFailure?.Throw();
                if (FetchedDocument.DigestOf(response) is { } stored && stored.Algorithm == blob.Digest.Algorithm && stored != blob.Digest)
                {
                    throw new RegistryException($"{access.Registry} stored the blob {blob.Digest} of {access.Name} as {stored}; it must not change what is pushed.");
                }
                return true;
            }
            fault = Fault.Cut("the registry does not know the upload any more");
        }
        catch (Exception) when (body.SourceFailure is not null && !cancellationToken.IsCancellationRequested)
        {
            body.SourceFailure.Throw();
            throw;
        }
        catch (HttpRequestException e)
        {
            (fault, cause) = (Fault.Of(e, session.Place), e);
        }
        catch (OperationCanceledException e) when (watch.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            (fault, cause) = (Fault.Silent(access.Options.IdleTimeout), e);
        }
        catch (RegistryException e) when (MayPass(e.Status))
        {
            (fault, cause, refusal) = (Fault.Cut($"answered with {(int)e.Status!}"), e, e);
        }
        if (again is null || !await retries.WaitAsync(fault, cancellationToken))
        {
            throw refusal ?? new RegistryException($"{What} broke and was given up{(retries.Failures > 1 ? $" after {retries.Failures} tries" : "")}: {fault.Reason}.", cause)
            {
                Hint = "push again: what the registry has by then is not sent twice",
            };
        }
        return false;
    }

    // A token may run out while bytes are on their way; a wrong position is asked for anew.
    private static bool MayPass(HttpStatusCode? status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.RequestedRangeNotSatisfiable
        or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError;

    private async Task<HttpResponseMessage> SendRestAsync(UploadSession session, UploadContent body, CancellationToken cancellationToken)
    {
        if (session.Offset == 0)
        {
            return await access.SendOnceAsync(HttpMethod.Put, WithDigest(session.Place), session.Scope, body, cancellationToken);
        }
        var place = session.Place;
        if (session.Offset < blob.Size)
        {
            body.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{session.Offset}-{blob.Size - 1}"));
            using var patched = await access.SendOnceAsync(HttpMethod.Patch, place, session.Scope, body, cancellationToken);
            if (patched.StatusCode == HttpStatusCode.NotFound)
            {
                return patched;
            }
            place = patched.Headers.Location is null ? place : PlaceOf(access, patched);
        }
        var ending = new RepositoryAccess.Sending { Prepare = static request => request.Content = new ByteArrayContent([]), IsRepeatable = false };
        return await access.SendToAsync(HttpMethod.Put, WithDigest(place), session.Scope, ending, cancellationToken);
    }

    private async Task<bool> HasAllAsync(RetryBudget retries, CancellationToken cancellationToken)
    {
        using var response = await access.SendAsync(
            HttpMethod.Head, $"blobs/{blob.Digest}", AccessScope.Pull(access.Name), new RepositoryAccess.Sending { Retries = retries }, cancellationToken);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    /// <summary>Null when the registry has nothing of it.</summary>
    private async Task<UploadSession?> AskAsync(UploadSession session, RetryBudget retries, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await access.SendToAsync(HttpMethod.Get, session.Place, session.Scope, new RepositoryAccess.Sending { Retries = retries }, cancellationToken);
            return response.StatusCode != HttpStatusCode.NotFound && OffsetOf(response) is { } offset
                ? session with { Place = response.Headers.Location is null ? session.Place : PlaceOf(access, response), Offset = offset }
                : null;
        }
        catch (RegistryException e) when (e.Status is not null)
        {
            // Not every registry tells how far an upload is.
            return null;
        }
    }

    /// <summary>Null for <c>0-0</c> too: registries say that of one byte and of none.</summary>
    private long? OffsetOf(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Range", out var values) && !response.Content.Headers.TryGetValues("Range", out values))
        {
            return null;
        }
        var text = values.First();
        text = text.StartsWith("bytes=", StringComparison.Ordinal) ? text["bytes=".Length..] : text;
        return text.StartsWith("0-", StringComparison.Ordinal) && long.TryParse(text.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && last > 0 && last < blob.Size
            ? last + 1
            : null;
    }

    // It verifies itself from its first byte on, so what the registry has is read again too.
    private async Task<VerifyingStream> ReopenAsync(long offset, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var source = await again!.OpenBlobAsync(blob, cancellationToken)
            ?? throw new InvalidImageException($"The blob {blob.Digest} went away while it was uploaded.");
        var content = source as VerifyingStream ?? new VerifyingStream(source, blob.Digest, blob.Size);
        var known = new byte[256 * 1024];
        for (var left = offset; left > 0;)
        {
            var read = await content.ReadAsync(known.AsMemory(0, (int)Math.Min(left, known.Length)), cancellationToken);
            left = read > 0 ? left - read : throw new InvalidImageException($"The blob {blob.Digest} ends before the byte where its upload broke off.");
        }
        content.Progress = progress;
        return content;
    }

    // The place may have a query of its own, and all of it has to come back.
    private Uri WithDigest(Uri place) =>
        new($"{place.AbsoluteUri}{(place.Query.Length > 0 ? "&" : "?")}digest={Uri.EscapeDataString(blob.Digest.ToString())}");
}
