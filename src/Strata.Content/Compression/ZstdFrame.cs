using ZstdSharp;

namespace Strata.Content.Compression;

/// <summary>One zstd frame (RFC 8878) with the size of its content in its header.</summary>
internal sealed class ZstdFrame(int size, int level) : CompressionBlock(size)
{
    private readonly Compressor _compressor = new(level);
    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(Compressor.GetCompressBound(size));
    private int _length;

    public override ReadOnlyMemory<byte> Compressed => _output.AsMemory(0, _length);

    public override void Compress() => _length = _compressor.Wrap(Input, _output);

    public override void Dispose() => _compressor.Dispose();
}
