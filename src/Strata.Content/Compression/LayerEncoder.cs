using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Strata.Oci;

namespace Strata.Content.Compression;

/// <summary>
/// How a layer is compressed, to the byte: the same encoder and level give the same bytes for the same tar, in every version of
/// Strata. A change of the algorithm, or of what zlib makes of it, takes a new name. Written <c>gzip-blocks-1/6</c>.
/// </summary>
public readonly record struct LayerEncoder
{
    private const string GzipBlocks = "gzip-blocks-1";

    private LayerEncoder(string name, int level) => (Name, Level) = (name, level);

    public string Name { get; }
    public int Level { get; }

    public static LayerEncoder Default { get; } = Gzip(GzipBlockStream.DefaultLevel);

    public static LayerEncoder Gzip(int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 9);
        return new LayerEncoder(GzipBlocks, level);
    }

    /// <summary>The media type of the layers it makes.</summary>
    public string MediaType => MediaTypes.OciLayer(LayerCompression.Gzip);

    /// <summary>A stream that compresses into <paramref name="target"/>; it is whole once completed.</summary>
    public GzipBlockStream Open(Stream target) => new(target, Level);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}/{Level}");

    /// <summary>False also for encoders that this version does not have.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out LayerEncoder encoder)
    {
        encoder = default;
        if (text is not { Length: > 0 } || text[..^1] != GzipBlocks + "/" || !char.IsAsciiDigit(text[^1]))
        {
            return false;
        }
        encoder = Gzip(text[^1] - '0');
        return true;
    }
}
