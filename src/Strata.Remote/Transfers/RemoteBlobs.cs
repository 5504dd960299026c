using System.Collections.Concurrent;
using System.Net;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;

namespace Strata.Remote.Transfers;

/// <summary>Blobs of one repository (distribution-spec, "Pulling blobs", "Pushing blobs", "Mounting a blob from another repository").</summary>
internal sealed class RemoteBlobs(RepositoryAccess access)
{
    private const int MaxUrls = 8;

    // Uploads that registries began when they could not mount.
    private readonly ConcurrentDictionary<Digest, UploadSession> _begun = new();

    public async ValueTask<Stream?> OpenAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        IEnumerable<Uri?> places = [null, .. access.Reach.FetchesForeignLayers ? PlacesOf(blob) : []];
        foreach (var place in places)
        {
            var source = new BlobSource(access, blob, place);
            if (await source.RequestAsync(0, cancellationToken) is { } first)
            {
                return new VerifyingStream(new ResumingStream(source, first, cancellationToken), blob.Digest, blob.Size);
            }
        }
        return null;
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
        var scope = AccessScope.Push(access.Name).And(AccessScope.Pull(origin).Text);
        using var response = await access.SendAsync(HttpMethod.Post, path, scope, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Created)
        {
            return true;
        }
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            _begun[blob.Digest] = new UploadSession(BlobUpload.PlaceOf(access, response), scope);
        }
        return false;
    }

    /// <param name="again">Where the blob can be read once more when its upload breaks; null: nowhere.</param>
    public async ValueTask PutAsync(Descriptor blob, Stream content, IImageReader? again, CancellationToken cancellationToken)
    {
        if (!_begun.TryRemove(blob.Digest, out var session))
        {
            session = await BlobUpload.BeginAsync(access, blob, cancellationToken);
        }
        await new BlobUpload(access, blob, again).RunAsync(session, VerifyingStream.Over(content, blob), cancellationToken);
    }

    // Image-spec descriptor.md, "urls".
    private static IEnumerable<Uri> PlacesOf(Descriptor blob)
    {
        foreach (var text in (blob.Urls ?? []).Take(MaxUrls))
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && RealmRules.IsAllowedForLayers(url))
            {
                yield return url;
            }
        }
    }
}
