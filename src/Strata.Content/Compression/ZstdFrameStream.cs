using System.Buffers.Binary;

namespace Strata.Content.Compression;

/// <summary>
/// zstd frames one after another (RFC 8878), and behind them, in a frame that decoders skip, where each begins, as zstd's seekable format
/// has it (zstd's contrib/seekable_format): readers that know it can begin in the middle, others notice nothing.
/// </summary>
public sealed class ZstdFrameStream : CompressingStream
{
    public const int DefaultLevel = 3;
    public const int MinLevel = 1;
    public const int MaxLevel = 19;

    private const int FrameSize = 8 << 20;
    private const uint SkippableMagic = 0x184D2A5E;
    private const uint SeekableMagic = 0x8F92EAB1;
    private const int SkippableHeaderSize = 8;
    private const int EntrySize = 8;
    private const int FooterSize = 9;

    private readonly int _level;
    private readonly List<(int Compressed, int Content)> _frames = [];

    /// <param name="target">Gets the compressed bytes, from the writing thread alone; stays open.</param>
    /// <param name="level">zstd's, 1 to 19.</param>
    /// <param name="parallelism">The threads that compress at once; null for one per processor.</param>
    public ZstdFrameStream(Stream target, int level = DefaultLevel, int? parallelism = null)
        : base(target, FrameSize, parallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, MinLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        _level = level;
    }

    private protected override CompressionBlock NewBlock() => new ZstdFrame(FrameSize, _level);

    private protected override byte[] Start() => [];

    private protected override byte[] Trailer()
    {
        var trailer = new byte[SkippableHeaderSize + (_frames.Count * EntrySize) + FooterSize];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, SkippableMagic);
        BinaryPrimitives.WriteInt32LittleEndian(trailer.AsSpan(4), trailer.Length - SkippableHeaderSize);
        var at = trailer.AsSpan(SkippableHeaderSize);
        foreach (var (compressed, content) in _frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(at, compressed);
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], content);
            at = at[EntrySize..];
        }
        BinaryPrimitives.WriteInt32LittleEndian(at, _frames.Count);
        // Then a byte of flags: no checksums, as the layer's digest is one.
        BinaryPrimitives.WriteUInt32LittleEndian(at[5..], SeekableMagic);
        return trailer;
    }

    private protected override void Written(CompressionBlock block) => _frames.Add((block.Compressed.Length, block.Length));
}
