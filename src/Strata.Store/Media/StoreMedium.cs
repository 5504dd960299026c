using System.Collections.Concurrent;
using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// The store as a medium: one repository's names in it, and all content. An image that was built here and has no manifest yet gets one when
/// it's asked for.
/// </summary>
public sealed class StoreMedium : IImageReader, IImageWriter, IReferrerReader
{
    private readonly LocalStore _store;
    private readonly Reference _repository;
    private readonly LayerEncoder _encoder;
    private readonly ConcurrentDictionary<Digest, StoredManifest> _passing = new();

    public StoreMedium(LocalStore store, Reference repository, LayerEncoder encoder) =>
        (_store, _repository, _encoder) = (store, repository with { Tag = null, Digest = null }, encoder);

    /// <summary>
    /// Whether an image without a manifest is given with its layers in the form they have, in a manifest that is not kept. Else they are
    /// compressed, and the manifest made is the image's from then on.
    /// </summary>
    public bool LayersAsKept { get; init; }

    public async ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        if (key.Digest is { } digest)
        {
            return _passing.GetValueOrDefault(digest) ?? _store.Manifests.Read(digest);
        }
        if (key.Tag is not { } tag || _store.Names.Find(_repository with { Tag = tag }) is not { } target)
        {
            return null;
        }
        return await ManifestOfAsync(target.Image, target.Manifest, cancellationToken);
    }

    /// <summary>
    /// What an image's name stands for, <paramref name="meant"/>, where all of that is here; else a manifest of the image: an index may have
    /// come for one platform alone, and of a manifest blobs may have been lost. Null when the image is not in the store.
    /// </summary>
    public async ValueTask<StoredManifest?> ManifestOfAsync(Digest image, Digest? meant, CancellationToken cancellationToken)
    {
        await _store.Images.LeaseAsync(image, cancellationToken);
        if (meant is not { } digest || _store.Manifests.Read(digest) is not { } stored)
        {
            return await ManifestOfAsync(image, cancellationToken);
        }
        return await IsWholeAsync(stored, [], cancellationToken)
            ? stored
            : await ListedInAsync(stored, image, cancellationToken) ?? await ManifestOfAsync(image, cancellationToken);
    }

    /// <summary>A manifest of an image, named or not; null when the image is not in the store.</summary>
    public async ValueTask<StoredManifest?> ManifestOfAsync(Digest image, CancellationToken cancellationToken)
    {
        await _store.Images.LeaseAsync(image, cancellationToken);
        if (!LayersAsKept)
        {
            return await _store.Manifests.PackAsync(image, _encoder, cancellationToken);
        }
        if (_store.Manifests.FindOf(image) is { } known && await IsWholeAsync(known, [], cancellationToken))
        {
            return known;
        }
        if (_store.Images.Get(image) is not { } stored)
        {
            return null;
        }
        var made = await PassingAsync(stored, cancellationToken);
        _passing[made.Digest] = made;
        return made;
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

    public ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_store.Manifests.ReferrersOf(subject));

    /// <summary>The image's manifest in an index, where that is whole.</summary>
    private async ValueTask<StoredManifest?> ListedInAsync(StoredManifest stored, Digest image, CancellationToken cancellationToken)
    {
        if (!MediaTypes.IsIndex(stored.MediaType) || !ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _))
        {
            return null;
        }
        foreach (var child in index.Manifests)
        {
            if (_store.Manifests.Read(child.Digest) is { } listed
                && Manifest.TryParse(listed.Raw, listed.MediaType, out var manifest, out _) && manifest.Config.Digest == image
                && await IsWholeAsync(listed, [], cancellationToken))
            {
                return listed;
            }
        }
        return null;
    }

    // A list may name one manifest many times: each is looked at once.
    private async ValueTask<bool> IsWholeAsync(StoredManifest stored, HashSet<Digest> whole, CancellationToken cancellationToken)
    {
        if (!whole.Add(stored.Digest))
        {
            return true;
        }
        if (ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _) && MediaTypes.IsIndex(stored.MediaType))
        {
            foreach (var child in index.Manifests)
            {
                if (_store.Manifests.Read(child.Digest) is not { } listed || !await IsWholeAsync(listed, whole, cancellationToken))
                {
                    return false;
                }
            }
            return true;
        }
        if (!Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out _))
        {
            return false;
        }
        foreach (var blob in manifest.Layers.Append(manifest.Config))
        {
            if (!await _store.Blobs.LeaseAsync(blob.Digest, cancellationToken) && blob.Urls is not { Count: > 0 })
            {
                return false;
            }
        }
        return true;
    }

    private async ValueTask<StoredManifest> PassingAsync(StoredImage image, CancellationToken cancellationToken)
    {
        var layers = new List<Descriptor>();
        foreach (var diffId in image.Layers)
        {
            if (await _store.Blobs.LeaseAsync(diffId, cancellationToken) && _store.Blobs.Find(diffId) is { } size)
            {
                layers.Add(new Descriptor { MediaType = MediaTypes.OciLayerTar, Digest = diffId, Size = size });
                continue;
            }
            var blob = await _store.Layers.CompressAsync(diffId, _encoder, anyEncoder: true, cancellationToken);
            layers.Add(blob with { MediaType = MediaTypes.OciLayer(MediaTypes.LayerCompressionOf(blob.MediaType) ?? LayerCompression.Gzip) });
        }
        var made = Manifest.Create(new Descriptor { MediaType = MediaTypes.OciConfig, Digest = image.Id, Size = image.ConfigBytes.Length }, layers);
        return new StoredManifest(made.Raw, made.MediaType);
    }
}
