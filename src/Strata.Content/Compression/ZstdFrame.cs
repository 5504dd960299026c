using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Strata.Content.Compression;

/// <summary>One zstd frame (RFC 8878) with the size of its content in its header.</summary>
internal sealed class ZstdFrame(int size, int level) : CompressionBlock(size)
{
    /// <summary>8 MiB, which every decoder must take (RFC 8878, section 3.1.1.1.2). At low levels zstd's own choice sees a quarter of a frame.</summary>
    private const int WindowLog = 23;

    private readonly Compressor _compressor = NewCompressor(level);
    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(Compressor.GetCompressBound(size));
    private int _length;

    public override ReadOnlyMemory<byte> Compressed => _output.AsMemory(0, _length);

    public override void Compress() => _length = _compressor.Wrap(Input, _output);

    private static Compressor NewCompressor(int level)
    {
        var compressor = new Compressor(level);
        compressor.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, WindowLog);
        return compressor;
    }

    public override void Dispose() => _compressor.Dispose();
}
