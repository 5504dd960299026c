using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Store;

/// <summary>Other forms of the store's layers. What is compressed for one is kept with the layer, and not compressed again.</summary>
public sealed class StoreRecoder(LocalStore store) : ILayerRecoder
{
    public async ValueTask<Descriptor> RecodeAsync(Descriptor layer, Digest diffId, LayerEncoder? encoder, CancellationToken cancellationToken)
    {
        if (encoder is { } wanted)
        {
            return await store.Layers.CompressAsync(diffId, wanted, anyEncoder: false, cancellationToken);
        }
        var index = await store.Layers.OpenIndexAsync(diffId, cancellationToken);
        return new Descriptor { MediaType = MediaTypes.OciLayerTar, Digest = diffId, Size = index.TarSize };
    }

    public async ValueTask<Stream?> OpenAsync(Descriptor blob, CancellationToken cancellationToken) =>
        await store.Blobs.LeaseAsync(blob.Digest, cancellationToken) ? store.Blobs.Open(blob.Digest)
        // Not every tar is a blob: some are unpacked on the way.
        : blob.MediaType == MediaTypes.OciLayerTar ? await store.Layers.OpenTarAsync(blob.Digest, cancellationToken)
        : null;
}
