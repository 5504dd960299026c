using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Compression;

/// <summary>The tar of a layer, from whatever form its blob has.</summary>
public static class LayerDecompression
{
    private const int MagicLength = 4;

    /// <summary>
    /// Opens <paramref name="blob"/>, which it owns, as the bytes inside. Without <paramref name="compression"/> the first bytes tell,
    /// as media types of layers lie. Unpacking runs on a thread of its own. The blob is read to its end before an end is reported,
    /// so that a blob that verifies itself has done so.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// On reading: the compressed data is broken, ends early, or unpacks to far more than itself.
    /// </exception>
    public static Stream Open(Stream blob, LayerCompression? compression = null) => Open(blob, compression, InflationLimit.Default);

    internal static Stream Open(Stream blob, LayerCompression? compression, InflationLimit limit)
    {
        var magic = new byte[MagicLength];
        var source = blob;
        if (compression is null)
        {
            var length = ReadMagic(blob, magic);
            compression = Detect(magic.AsSpan(0, length));
            source = new PrefixedStream(magic.AsMemory(0, length), blob);
        }
        return compression switch
        {
            LayerCompression.None => source,
            LayerCompression.Gzip => Decoded(static blob => new WholeGzipStream(blob)),
            _ => Decoded(static blob => new ZstdSharp.DecompressionStream(blob, leaveOpen: true)),
        };

        ReadAheadStream Decoded(Func<Stream, Stream> decoder) => new(new DrainingStream(new InflatingStream(decoder, source, limit), source));
    }

    private static int ReadMagic(Stream blob, byte[] magic)
    {
        try
        {
            return blob.ReadAtLeast(magic, MagicLength, throwOnEndOfStream: false);
        }
        catch
        {
            // Nobody else has it to close.
            blob.Dispose();
            throw;
        }
    }

    /// <summary>What the first four bytes say: gzip (RFC 1952), zstd (RFC 8878, a frame or a skippable frame), else none.</summary>
    public static LayerCompression Detect(ReadOnlySpan<byte> firstBytes) => firstBytes switch
    {
        [0x1F, 0x8B, ..] => LayerCompression.Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => LayerCompression.Zstd,
        [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..] => LayerCompression.Zstd,
        _ => LayerCompression.None,
    };
}
