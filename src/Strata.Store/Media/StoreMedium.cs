using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// The store as a medium: one repository's names in it, and all content. An image that was built here and has no manifest yet gets one when
/// it's asked for.
/// </summary>
public sealed class StoreMedium : IImageReader, IImageWriter
{
    private readonly LocalStore _store;
    private readonly Reference _repository;
    private readonly LayerEncoder _encoder;

    internal StoreMedium(LocalStore store, Reference repository, LayerEncoder encoder) =>
        (_store, _repository, _encoder) = (store, repository with { Tag = null, Digest = null }, encoder);

    public async ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        if (key.Digest is { } digest)
        {
            return _store.Manifests.Find(digest);
        }
        if (key.Tag is not { } tag || _store.Names.Find(_repository with { Tag = tag }) is not { } target)
        {
            return null;
        }
        await _store.Images.LeaseAsync(target.Image, cancellationToken);
        return target.Manifest is { } manifest && _store.Manifests.Find(manifest) is { } stored
            ? stored
            : await _store.Manifests.PackAsync(target.Image, _encoder, cancellationToken);
    }

    public async ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (!await _store.Blobs.LeaseAsync(blob.Digest, cancellationToken))
        {
            return null;
        }
        var content = _store.Blobs.Open(blob.Digest);
        return content is VerifyingStream { Size: var size } && size != blob.Size ? new VerifyingStream(content, blob.Digest, blob.Size) : content;
    }

    public ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken) => _store.Blobs.LeaseAsync(blob.Digest, cancellationToken);

    public async ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken) =>
        await _store.Blobs.PutAsync(blob, content, cancellationToken);

    public async ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken) =>
        await _store.Manifests.PutAsync(manifest, tag is { } name ? _repository with { Tag = name } : null, cancellationToken);
}
