using System.Globalization;
using Strata.Oci;

namespace Strata.Content.Compression;

/// <summary>
/// How a layer is compressed, to the byte: the same encoder and level give the same bytes for the same tar, in every version of
/// Strata. A change of the algorithm, or of what zlib or zstd makes of it, takes a new name. Written <c>gzip-blocks-1/5</c>.
/// </summary>
public readonly record struct LayerEncoder
{
    private const string GzipBlocks = "gzip-blocks-1";
    private const string ZstdFrames = "zstd-frames-2";

    private LayerEncoder(string name, int level) => (Name, Level) = (name, level);

    public string Name { get; }
    public int Level { get; }

    public static LayerEncoder Default { get; } = Gzip(GzipBlockStream.DefaultLevel);

    public LayerCompression Compression => Name == ZstdFrames ? LayerCompression.Zstd : LayerCompression.Gzip;

    /// <summary>The media type of the layers it makes.</summary>
    public string MediaType => MediaTypes.OciLayer(Compression);

    public static LayerEncoder Gzip(int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, GzipBlockStream.MaxLevel);
        return new LayerEncoder(GzipBlocks, level);
    }

    public static LayerEncoder Zstd(int level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, ZstdFrameStream.MinLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, ZstdFrameStream.MaxLevel);
        return new LayerEncoder(ZstdFrames, level);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote. False for an encoder that this program does not have.</summary>
    public static bool TryParse(string? text, out LayerEncoder encoder)
    {
        encoder = default;
        if (text?.Split('/') is not [var name, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var level))
        {
            return false;
        }
        LayerEncoder? known = name switch
        {
            GzipBlocks when level <= GzipBlockStream.MaxLevel => Gzip(level),
            ZstdFrames when level is >= ZstdFrameStream.MinLevel and <= ZstdFrameStream.MaxLevel => Zstd(level),
            _ => null,
        };
        encoder = known ?? default;
        return known is not null;
    }

    /// <summary>A stream that compresses into <paramref name="target"/>; it is whole once completed.</summary>
    public CompressingStream Open(Stream target) => Compression == LayerCompression.Zstd ? new ZstdFrameStream(target, Level) : new GzipBlockStream(target, Level);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}/{Level}");
}
