using Strata.Oci;

namespace Strata.Content.Compression;

/// <summary>The form that layers are wanted in where they are sent. Null, wherever one may be given, leaves them in the form they have.</summary>
/// <param name="Compression">What they are compressed with.</param>
/// <param name="Level">Null takes the encoder's default, and leaves layers alone that are compressed like that already, by whomever.</param>
public sealed record LayerForm(LayerCompression Compression, int? Level)
{
    /// <summary>Null for the bare tar.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public LayerEncoder? Encoder => Compression switch
    {
        LayerCompression.Gzip => LayerEncoder.Gzip(Level ?? GzipBlockStream.DefaultLevel),
        LayerCompression.Zstd => LayerEncoder.Zstd(Level ?? ZstdFrameStream.DefaultLevel),
        _ => null,
    };

    /// <summary>Whether a layer's blob is in this form already. Also what is no layer of a file system, or lies elsewhere, stays as it is.</summary>
    public bool IsMetBy(Descriptor layer) =>
        MediaTypes.LayerCompressionOf(layer.MediaType) is not { } has || layer.Urls is { Count: > 0 } || (has == Compression && Level is null);
}
