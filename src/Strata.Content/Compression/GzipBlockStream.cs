using System.Buffers.Binary;

namespace Strata.Content.Compression;

/// <summary>One gzip member (RFC 1952) of blocks that are compressed independently.</summary>
public sealed class GzipBlockStream : CompressingStream
{
    public const int DefaultLevel = 5;
    public const int MaxLevel = 9;

    private const int FastLevels = 3;

    // No name, no time, unknown system: nothing of this machine goes in (RFC 1952, section 2.3.1).
    private static readonly byte[] Header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

    private readonly int _level;
    private uint _crc;
    private long _length;

    /// <param name="target">Gets the compressed bytes, from the writing thread alone; stays open.</param>
    /// <param name="level">zlib's, 0 to 9.</param>
    /// <param name="parallelism">The threads that compress at once; null for one per processor.</param>
    public GzipBlockStream(Stream target, int level = DefaultLevel, int? parallelism = null)
        : base(target, BlockSize(level), parallelism)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        _level = level;
    }

    private protected override CompressionBlock NewBlock() => new GzipBlock(BlockSize(_level), _level);

    private protected override byte[] Start() => Header;

    private protected override byte[] Trailer()
    {
        // An empty last block (fixed Huffman, RFC 1951, section 3.2.3), then CRC and length.
        var trailer = new byte[] { 0x03, 0x00, 0, 0, 0, 0, 0, 0, 0, 0 };
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(2), _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(6), unchecked((uint)_length));
        return trailer;
    }

    private protected override void Written(CompressionBlock block)
    {
        _crc = Crc32Combination.Combine(_crc, ((GzipBlock)block).Crc, block.Length);
        _length += block.Length;
    }

    /// <summary>Small blocks where compressing is quick, large ones where a new compressor's missing history costs more.</summary>
    private static int BlockSize(int level) => level <= FastLevels ? 1 << 20 : 4 << 20;
}
