using Strata.Content.Compression;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>Makes blobs of a layer in another form, and keeps them for a while.</summary>
public interface ILayerRecoder
{
    /// <param name="layer">A blob of the layer.</param>
    /// <param name="diffId">The layer.</param>
    /// <param name="encoder">Null for the bare tar.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    ValueTask<Descriptor> RecodeAsync(Descriptor layer, Digest diffId, LayerEncoder? encoder, CancellationToken cancellationToken);

    /// <summary>A blob that was made here, verifying itself; null for another.</summary>
    ValueTask<Stream?> OpenAsync(Descriptor blob, CancellationToken cancellationToken);
}
