using Strata.Content.Media;
using Strata.Oci;
using Strata.Remote.Transfers;

namespace Strata.Remote;

/// <summary>One repository of a registry. May be used by several threads at once.</summary>
public sealed class RemoteRepository : IRepositorySource, IImageWriter, IBlobMounter
{
    private readonly RepositoryAccess _access;
    private readonly RemoteManifests _manifests;
    private readonly RemoteBlobs _blobs;
    private readonly RemoteTags _tags;

    private readonly Func<Descriptor, RepositoryName?>? _mountOrigin;
    private readonly IImageReader? _again;

    internal RemoteRepository(RepositoryAccess access, Func<Descriptor, RepositoryName?>? mountOrigin = null, IImageReader? again = null)
    {
        (_access, _mountOrigin, _again) = (access, mountOrigin, again);
        _manifests = new RemoteManifests(access);
        _blobs = new RemoteBlobs(access);
        _tags = new RemoteTags(access);
    }

    public string Registry => _access.Registry;

    public RepositoryName Name => _access.Name;

    /// <summary>This repository, which takes blobs over from another of the same registry where <paramref name="origin"/> knows one that has them.</summary>
    public RemoteRepository MountingFrom(Func<Descriptor, RepositoryName?> origin) => new(_access, origin, _again);

    /// <summary>This repository, whose uploads go on after a break by reading once more from <paramref name="source"/>.</summary>
    public RemoteRepository ReadingAgainFrom(IImageReader source) => new(_access, _mountOrigin, source);

    public ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken) => _manifests.GetAsync(key, cancellationToken);

    /// <summary>What the key means now, without fetching it; null when there is no such manifest.</summary>
    public Task<Descriptor?> ResolveAsync(ManifestKey key, CancellationToken cancellationToken) => _manifests.ResolveAsync(key, cancellationToken);

    public ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken) => _manifests.PutAsync(manifest, tag, cancellationToken);

    /// <summary>False when there was none.</summary>
    public Task<bool> DeleteManifestAsync(ManifestKey key, CancellationToken cancellationToken) => _manifests.DeleteAsync(key, cancellationToken);

    /// <summary>What refers to a manifest (signatures, attestations); with <paramref name="artifactType"/> only that kind.</summary>
    public Task<IReadOnlyList<Descriptor>> ReferrersAsync(Digest subject, string? artifactType, CancellationToken cancellationToken) =>
        _manifests.ReferrersAsync(subject, artifactType, cancellationToken);

    public async ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        await ReferrersAsync(subject, artifactType: null, cancellationToken);

    public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) => _blobs.OpenAsync(blob, cancellationToken);

    public ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken) => _blobs.HasAsync(blob, cancellationToken);

    public ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken) => _blobs.PutAsync(blob, content, _again, cancellationToken);

    public async ValueTask<string?> TryMountAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        return _mountOrigin?.Invoke(blob) is { } origin && origin != Name && await _blobs.TryMountAsync(blob, origin, cancellationToken)
            ? origin.ToString()
            : null;
    }

    /// <summary>In the registry's order, fetched page by page.</summary>
    public IAsyncEnumerable<Tag> ListTagsAsync(CancellationToken cancellationToken) => _tags.ListAsync(cancellationToken);

    public async Task<IReadOnlyList<Tag>> AllTagsAsync(CancellationToken cancellationToken) => await ListTagsAsync(cancellationToken).ToListAsync(cancellationToken);

    /// <summary>What a tag has meant, the latest change first; only registries of Strata know.</summary>
    public Task<IReadOnlyList<TagChange>> TagHistoryAsync(Tag tag, CancellationToken cancellationToken) => _tags.HistoryAsync(tag, cancellationToken);

    /// <summary>
    /// Lets a tag mean <paramref name="to"/> again, or what it meant before; repeated, it goes further back each time. Only registries of
    /// Strata can.
    /// </summary>
    public Task<(Digest? From, Digest To)> RollbackTagAsync(Tag tag, Digest? to, CancellationToken cancellationToken) => _tags.RollbackAsync(tag, to, cancellationToken);
}
