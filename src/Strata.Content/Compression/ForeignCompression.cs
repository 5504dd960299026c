namespace Strata.Content.Compression;

/// <summary>Compressions that others use for tars and that are not read here, to call them by their names.</summary>
public static class ForeignCompression
{
    /// <summary>
    /// A sentence for a user whose tar turned out to be none: what it is compressed with and what to do. Null where <paramref name="firstBytes"/>,
    /// of which four will do, say nothing. A tar may begin with the same bytes, so it is to be tried first.
    /// </summary>
    public static string? Explain(ReadOnlySpan<byte> firstBytes) => NameOf(firstBytes) is { } name
        ? $"It is compressed with {name}, which is not read (gzip and zstd are); unpack it first."
        : null;

    private static string? NameOf(ReadOnlySpan<byte> firstBytes) => firstBytes switch
    {
        [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', ..] => "xz",
        [0x04, 0x22, 0x4D, 0x18, ..] => "lz4",
        [(byte)'L', (byte)'Z', (byte)'I', (byte)'P', ..] => "lzip",
        [0x5D, 0x00, 0x00, ..] => "lzma",
        [0x1F, 0x9D, ..] => "compress",
        [(byte)'P', (byte)'K', 0x03, 0x04, ..] => "zip",
        _ => null,
    };
}
