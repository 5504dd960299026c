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
    private const int MaxPages = 100;
    private const string SubjectHeader = "OCI-Subject";
    private static readonly string[] Accepted = [MediaTypes.OciManifest, MediaTypes.OciIndex, MediaTypes.DockerManifest, MediaTypes.DockerManifestList];

    public async ValueTask<StoredManifest?> GetAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        var what = $"The manifest {key} of {access.Registry}/{access.Name}";
        if (await access.FetchAsync($"manifests/{key}", Manifest.MaxSize, what, cancellationToken, AcceptManifests) is not { } document)
        {
            return null;
        }
        var (type, raw) = (document.MediaType, document.Raw);
        if (type is not null && MediaTypes.IsSchema1(type))
        {
            throw new InvalidImageException($"{what} is of schema version 1, which was given up years ago; push the image again with a current client.");
        }
        if (type is "text/html" && !MediaTypes.IsManifest(type))
        {
            throw new InvalidImageException($"{what} came as a web page; what answers is no registry, or a proxy before it wants something first.");
        }
        if (key.Digest is { } asked && ContentHasher.DigestOf(raw, asked.Algorithm) is var actual && actual != asked)
        {
            throw new InvalidImageException($"{what} should be {asked}, but what came is {actual}; it was refused.");
        }
        if (document.Digest is { } said && ContentHasher.DigestOf(raw, said.Algorithm) is var other && other != said)
        {
            throw new InvalidImageException($"{what} should be {said}, as its registry says in {FetchedDocument.DigestHeader}, but what came is {other}; it was refused.");
        }
        var stored = new StoredManifest(raw, CheckedType(what, type, raw));
        return key.Digest is { } wanted ? stored.Under(wanted) : stored;
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
            if (FetchedDocument.DigestOf(response) is { } digest && FetchedDocument.MediaTypeOf(response) is { } type && response.Content.Headers.ContentLength is { } size)
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
        // A tag that goes leaves its manifest, and whatever lists that, where they are.
        var referrer = key.Digest is not null && await GetAsync(key, cancellationToken) is { } manifest ? ReferrersTag.Read(manifest) : null;
        using (var response = await access.SendAsync(HttpMethod.Delete, $"manifests/{key}", AccessScope.Delete(access.Name), cancellationToken))
        {
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return false;
            }
        }
        if (referrer is var (subject, entry))
        {
            await UnlistReferrerAsync(subject, entry, cancellationToken);
        }
        return true;
    }

    /// <summary>What refers to a manifest, by the registry's own list or by the one that clients keep under a tag.</summary>
    /// <param name="artifactType">Null: of all types.</param>
    public async Task<IReadOnlyList<Descriptor>> ReferrersAsync(Digest subject, string? artifactType, CancellationToken cancellationToken)
    {
        var filter = artifactType is null ? "" : $"?artifactType={Uri.EscapeDataString(artifactType)}";
        var found = await OwnReferrersAsync($"referrers/{subject}{filter}", subject, cancellationToken)
            ?? (await GetAsync(ManifestKey.ByTag(ReferrersTag.Of(subject)), cancellationToken) is { } stored && ImageIndex.TryParse(stored.Raw, stored.MediaType, out var list, out _)
                ? list.Manifests
                : []);
        // Filtering is the registry's to do if it likes.
        return artifactType is null ? found : [.. found.Where(entry => entry.ArtifactType == artifactType)];
    }

    /// <summary>Null when the registry keeps no lists.</summary>
    private async Task<IReadOnlyList<Descriptor>?> OwnReferrersAsync(string path, Digest subject, CancellationToken cancellationToken)
    {
        var what = $"The list of what refers to {subject} in {access.Registry}/{access.Name}";
        var found = new List<Descriptor>();
        string? next = path;
        for (var page = 0; next is not null; page++)
        {
            if (page == MaxPages)
            {
                throw new RegistryException($"{what} has no end.");
            }
            if (await access.FetchAsync(next, Manifest.MaxSize, what, cancellationToken) is not { } document)
            {
                return page == 0 ? null : found;
            }
            if (!ImageIndex.TryParse(document.Raw, MediaTypes.OciIndex, out var index, out var problem))
            {
                throw new InvalidImageException($"{what} cannot be read: {problem}.");
            }
            found.AddRange(index.Manifests);
            next = LinkHeader.NextPath(document, what);
        }
        return found;
    }

    private async Task UnlistReferrerAsync(Digest subject, Descriptor entry, CancellationToken cancellationToken)
    {
        var tag = ReferrersTag.Of(subject);
        if (await OwnReferrersAsync($"referrers/{subject}", subject, cancellationToken) is null
            && await GetAsync(ManifestKey.ByTag(tag), cancellationToken) is { } stored
            && ImageIndex.TryParse(stored.Raw, stored.MediaType, out var list, out _)
            && ReferrersTag.Without(entry.Digest, list) is { } shorter)
        {
            await SendAsync(shorter, tag, cancellationToken);
        }
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
        if (FetchedDocument.DigestOf(response) is { } stored && stored.Algorithm == DigestAlgorithm.Sha256 && stored != manifest.Digest)
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
