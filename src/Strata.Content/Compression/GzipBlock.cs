using System.Buffers.Binary;
using System.IO.Compression;

namespace Strata.Content.Compression;

/// <summary>
/// One block on its way through the compressor: filled by the writer, compressed by whichever thread is free, written out in order,
/// then used again.
/// </summary>
internal sealed class GzipBlock(int size, int level) : IDisposable
{
    private const int GzipHeaderLength = 10;
    private const int GzipTrailerLength = 8;

    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(size);
    private readonly MemoryStream _output = new();
    private int _deflatedEnd;

    public int Length { get; private set; }

    public bool IsFull => Length == size;

    public uint Crc { get; private set; }

    /// <summary>Whole deflate blocks, none of them marked as the last, ending at a byte.</summary>
    public ReadOnlyMemory<byte> Deflated => _output.GetBuffer().AsMemory(GzipHeaderLength.._deflatedEnd);

    /// <summary>Takes what still fits and says how much that was.</summary>
    public int Fill(ReadOnlySpan<byte> content)
    {
        var taken = Math.Min(content.Length, size - Length);
        content[..taken].CopyTo(_input.AsSpan(Length));
        Length += taken;
        return taken;
    }

    public void Clear() => Length = 0;

    public void Compress()
    {
        // A gzip member rather than bare deflate, for the CRC in its trailer: zlib computes it on the way, faster than code of ours.
        _output.SetLength(0);
        using (var gzip = new GZipStream(_output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
        {
            gzip.Write(_input, 0, Length);
            gzip.Flush();
            _deflatedEnd = (int)_output.Length;
        }
        Crc = BinaryPrimitives.ReadUInt32LittleEndian(_output.GetBuffer().AsSpan((int)_output.Length - GzipTrailerLength));
    }

    public void Dispose() => _output.Dispose();
}
