using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;

namespace Strata.Remote.Transfers;

/// <summary>Blobs of one repository (distribution-spec, "Pulling blobs", "Pushing blobs", "Mounting a blob from another repository").</summary>
internal sealed class RemoteBlobs(RepositoryAccess access)
{
    // Uploads that registries began when they could not mount.
    private readonly ConcurrentDictionary<Digest, Upload> _begun = new();

    private AccessScope PushScope => AccessScope.Push(access.Name);

    public async ValueTask<Stream?> OpenAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        var first = await RequestAsync(blob, 0, cancellationToken);
        return first is null
            ? null
            : new VerifyingStream(new ResumingStream((offset, cancellationToken) => RequestAsync(blob, offset, cancellationToken), first, blob.Size, access.Watch), blob.Digest, blob.Size);
    }

    public async ValueTask<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        using var response = await access.SendAsync(HttpMethod.Head, $"blobs/{blob.Digest}", AccessScope.Pull(access.Name), cancellationToken);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    /// <summary>True when the registry took the blob over from its repository <paramref name="origin"/>.</summary>
    public async Task<bool> TryMountAsync(Descriptor blob, RepositoryName origin, CancellationToken cancellationToken)
    {
        var path = $"blobs/uploads/?mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(origin.ToString())}";
        var scope = PushScope.And(AccessScope.Pull(origin).Text);
        using var response = await access.SendAsync(HttpMethod.Post, path, scope, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Created)
        {
            return true;
        }
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            _begun[blob.Digest] = new Upload(PlaceOf(response), scope);
        }
        return false;
    }

    public async ValueTask PutAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        if (!_begun.TryRemove(blob.Digest, out var upload))
        {
            upload = new Upload(await BeginAsync(blob, cancellationToken), PushScope);
        }
        using var watch = access.Watch(cancellationToken);
        using var body = new UploadContent(VerifyingStream.Over(content, blob), watch);
        body.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.OctetStream);
        try
        {
            using var response = await access.SendOnceAsync(HttpMethod.Put, WithDigest(upload.Place, blob.Digest), upload.Scope, body, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                throw new RegistryException($"{access.Registry} forgot the upload of {blob.Digest} to {access.Name} while it ran; push again.") { Status = response.StatusCode };
            }
        }
        catch (Exception e) when (body.SourceFailure is not null && e is not OperationCanceledException)
        {
            body.SourceFailure.Throw();
        }
        catch (OperationCanceledException) when (watch.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            throw new RegistryException($"The upload of {blob.Digest} to {access.Registry}/{access.Name} stood still for {access.Options.IdleTimeout.TotalSeconds:0} seconds and was given up.");
        }
        // A registry may answer before the body was read, and the source is to be seen whole.
        body.SourceFailure?.Throw();
    }

    private async Task<Uri> BeginAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        var path = blob.Digest.Algorithm == DigestAlgorithm.Sha256 ? "blobs/uploads/" : "blobs/uploads/?digest-algorithm=sha512";
        using var response = await access.SendAsync(HttpMethod.Post, path, PushScope, cancellationToken);
        return response.StatusCode != HttpStatusCode.NotFound
            ? PlaceOf(response)
            : throw new RegistryException($"{access.Registry} has no place for {access.Name}: the upload was answered with 404.")
            {
                Status = response.StatusCode,
                Hint = "some registries want the repository to be made first",
            };
    }

    private Uri PlaceOf(HttpResponseMessage response) => response.Headers.Location is { } location
        ? new Uri(response.RequestMessage!.RequestUri!, location)
        : throw new RegistryException($"{access.Registry} began an upload to {access.Name} without saying where (no Location).");

    // The place may have a query of its own, and all of it has to come back.
    private static Uri WithDigest(Uri place, Digest digest) =>
        new($"{place.AbsoluteUri}{(place.Query.Length > 0 ? "&" : "?")}digest={Uri.EscapeDataString(digest.ToString())}");

    private async Task<HttpResponseMessage?> RequestAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        var response = await access.GetAsync($"blobs/{blob.Digest}", cancellationToken, request =>
        {
            if (offset > 0)
            {
                request.Headers.Range = new RangeHeaderValue(offset, null);
            }
        });
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            return response;
        }
        response.Dispose();
        return null;
    }

    /// <summary>The body of an upload is sent once only and can't be challenged, so it goes with the scope that was let in already.</summary>
    private sealed record Upload(Uri Place, AccessScope Scope);
}
