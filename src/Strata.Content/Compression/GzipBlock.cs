using System.Buffers.Binary;
using System.IO.Compression;

namespace Strata.Content.Compression;

/// <summary>Whole deflate blocks, none of them marked as the last, ending at a byte.</summary>
internal sealed class GzipBlock(int size, int level) : CompressionBlock(size)
{
    private const int GzipHeaderLength = 10;
    private const int GzipTrailerLength = 8;

    private readonly MemoryStream _output = new();
    private int _deflatedEnd;

    public uint Crc { get; private set; }

    public override ReadOnlyMemory<byte> Compressed => _output.GetBuffer().AsMemory(GzipHeaderLength.._deflatedEnd);

    public override void Compress()
    {
        // A gzip member rather than bare deflate, for the CRC in its trailer: zlib computes it on the way, faster than code of ours.
        _output.SetLength(0);
        using (var gzip = new GZipStream(_output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
        {
            gzip.Write(Input);
            gzip.Flush();
            _deflatedEnd = (int)_output.Length;
        }
        Crc = BinaryPrimitives.ReadUInt32LittleEndian(_output.GetBuffer().AsSpan((int)_output.Length - GzipTrailerLength));
    }

    public override void Dispose() => _output.Dispose();
}
