using System.Net;
using System.Net.Http.Headers;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;

namespace Strata.Remote.Transfers;

/// <summary>Manifests of one repository (distribution-spec, "Pulling manifests", "Pushing Manifests", "Deleting").</summary>
internal sealed class RemoteManifests(RepositoryAccess access)
{
    private const string DigestHeader = "Docker-Content-Digest";
    private const string SubjectHeader = "OCI-Subject";
    private static readonly string[] Accepted = [MediaTypes.OciManifest, MediaTypes.OciIndex, MediaTypes.DockerManifest, MediaTypes.DockerManifestList];

    public async ValueTask<StoredManifest?> GetAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        using var response = await access.GetAsync($"manifests/{key}", cancellationToken, AcceptManifests);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        var what = $"The manifest {key} of {access.Registry}/{access.Name}";
        var type = TypeOf(response);
        if (type is not null && MediaTypes.IsSchema1(type))
        {
            throw new InvalidImageException($"{what} is of schema version 1, which was given up years ago; push the image again with a current client.");
        }
        using var idle = access.Watch(cancellationToken);
        using var body = await response.Content.ReadAsStreamAsync(idle.Token);
        var raw = await BoundedStream.ReadAllAsync(body, Manifest.MaxSize, what, idle.Token);
        if ((key.Digest ?? DigestOf(response)) is { } expected && ContentHasher.DigestOf(raw, expected.Algorithm) is var actual && actual != expected)
        {
            throw new InvalidImageException($"{what} should be {expected}, but what came is {actual}; it was refused.");
        }
        return new StoredManifest(raw, CheckedType(what, type, raw));
    }

    /// <summary>Without the bytes; null when the registry does not have it.</summary>
    public async Task<Descriptor?> ResolveAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        using (var response = await access.SendAsync(HttpMethod.Head, $"manifests/{key}", AccessScope.Pull(access.Name), cancellationToken, AcceptManifests))
        {
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
            if (DigestOf(response) is { } digest && TypeOf(response) is { } type && response.Content.Headers.ContentLength is { } size)
            {
                return new Descriptor { MediaType = type, Digest = digest, Size = size };
            }
        }
        return (await GetAsync(key, cancellationToken))?.Descriptor;
    }

    public async ValueTask PutAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken)
    {
        var isListed = await SendAsync(manifest, tag, cancellationToken);
        if (!isListed && ReferrersTag.Read(manifest) is var (subject, entry))
        {
            await ListReferrerAsync(subject, entry, cancellationToken);
        }
    }

    public async Task<bool> DeleteAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        using var response = await access.SendAsync(HttpMethod.Delete, $"manifests/{key}", AccessScope.Delete(access.Name), cancellationToken);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    /// <summary>True when the registry says that it listed the manifest with those that refer to its subject.</summary>
    private async Task<bool> SendAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken)
    {
        var key = tag is { } name ? ManifestKey.ByTag(name) : ManifestKey.ByDigest(manifest.Digest);
        using var response = await access.SendAsync(HttpMethod.Put, $"manifests/{key}", AccessScope.Push(access.Name), cancellationToken, request =>
        {
            request.Content = new ReadOnlyMemoryContent(manifest.Raw);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(manifest.MediaType);
        });
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            throw new RegistryException($"{access.Registry} has no place for {access.Name}: the manifest was answered with 404.")
            {
                Status = response.StatusCode,
                Hint = "some registries want the repository to be made first",
            };
        }
        if (DigestOf(response) is { } stored && stored.Algorithm == DigestAlgorithm.Sha256 && stored != manifest.Digest)
        {
            throw new RegistryException($"{access.Registry} stored the manifest {manifest.Digest} of {access.Name} as {stored}; it must not change what is pushed.");
        }
        return response.Headers.Contains(SubjectHeader);
    }

    private async Task ListReferrerAsync(Digest subject, Descriptor entry, CancellationToken cancellationToken)
    {
        var tag = ReferrersTag.Of(subject);
        ImageIndex? list = null;
        if (await GetAsync(ManifestKey.ByTag(tag), cancellationToken) is { } stored && !ImageIndex.TryParse(stored.Raw, stored.MediaType, out list, out _))
        {
            throw new RegistryException($"{access.Registry} keeps no list of what refers to {subject}, and the tag {access.Name}:{tag} that should hold one means something else; {entry.Digest} was pushed but is not listed.")
            {
                Hint = "delete that tag and push again",
            };
        }
        if (ReferrersTag.With(entry, list) is { } longer)
        {
            await SendAsync(longer, tag, cancellationToken);
        }
    }

    private static void AcceptManifests(HttpRequestMessage request)
    {
        foreach (var type in Accepted)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }
    }

    private static string? TypeOf(HttpResponseMessage response) => response.Content.Headers.ContentType?.MediaType;

    private static Digest? DigestOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(DigestHeader, out var values) && Digest.TryParse(values.FirstOrDefault(), out var digest) ? digest : null;

    // A document that one client reads as an image and another as a list must not pass (CVE-2021-41190). A type that is neither
    // is a server that does not know; the document then speaks for itself.
    private static string CheckedType(string what, string? type, byte[] raw)
    {
        string? problem;
        if (type is null || (!MediaTypes.IsManifest(type) && !MediaTypes.IsIndex(type)))
        {
            return Manifest.TryParse(raw, null, out var unknown, out problem) ? unknown.MediaType
                : ImageIndex.TryParse(raw, null, out var list, out _) ? list.MediaType
                : throw new InvalidImageException($"{what} cannot be read: {problem}.");
        }
        var isRead = MediaTypes.IsIndex(type) ? ImageIndex.TryParse(raw, type, out _, out problem) : Manifest.TryParse(raw, type, out _, out problem);
        return isRead ? type : throw new InvalidImageException($"{what} cannot be read: {problem}.");
    }
}
