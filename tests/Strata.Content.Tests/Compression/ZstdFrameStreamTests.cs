using System.Buffers.Binary;
using CsCheck;
using Strata.Content.Compression;

namespace Strata.Content.Tests.Compression;

public sealed class ZstdFrameStreamTests
{
    [Fact]
    public void Any_content_comes_back_whatever_the_level() =>
        Gen.Select(Gen.Byte.Array[0, 20_000], Gen.Int[1, 12]).Sample((content, level) =>
            Assert.Equal(content, Unpack(Compress(content, level, 2))), iter: 60);

    [Theory]
    [InlineData(0)]
    [InlineData(8 << 20)]
    [InlineData((17 << 20) + 17)]
    public void Content_of_several_frames_comes_back_and_the_bytes_do_not_depend_on_threads(int length)
    {
        var content = GzipBlockStreamTests.Text(length);
        var one = Compress(content, 1, 1);
        Assert.Equal(content, Unpack(one));
        Assert.Equal(one, Compress(content, 1, 4));
    }

    [Fact]
    public void The_encoder_keeps_its_bytes_from_version_to_version()
    {
        // A change here changes digests in every store: it needs a new encoder name.
        var digest = Oci.Digest.Of(Compress(GzipBlockStreamTests.Text(100_000), 3, 2));
        Assert.Equal("09a4c4091e97", digest.Short);
    }

    [Fact]
    public void The_table_at_the_end_leads_to_every_frame()
    {
        var content = GzipBlockStreamTests.Text((17 << 20) + 5);
        var compressed = Compress(content, 1, 2);
        var footer = compressed.AsSpan(^9..);
        Assert.Equal(0x8F92EAB1, BinaryPrimitives.ReadUInt32LittleEndian(footer[5..]));
        var frames = BinaryPrimitives.ReadInt32LittleEndian(footer);
        Assert.Equal(3, frames);
        var table = compressed.AsSpan(compressed.Length - 9 - (frames * 8));
        var (at, unpacked) = (0, 0);
        for (var i = 0; i < frames; i++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(table[(i * 8)..]);
            var size = BinaryPrimitives.ReadInt32LittleEndian(table[((i * 8) + 4)..]);
            Assert.Equal(content[unpacked..(unpacked + size)], Unpack(compressed[at..(at + length)]));
            (at, unpacked) = (at + length, unpacked + size);
        }
        Assert.Equal(content.Length, unpacked);
        Assert.Equal(at, compressed.Length - 9 - (frames * 8) - 8);
    }

    [Fact]
    public void Frames_to_skip_are_skipped_wherever_they_are()
    {
        var content = GzipBlockStreamTests.Text(1000);
        byte[] skip = [0x51, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        var frame = Compress(content, 3, 1);
        Assert.Equal([.. content, .. content], Unpack([.. skip, .. frame, .. skip, .. frame, .. skip]));
    }

    private static byte[] Compress(byte[] content, int level, int parallelism)
    {
        using var buffer = new MemoryStream();
        using var zstd = new ZstdFrameStream(buffer, level, parallelism);
        zstd.Write(content);
        zstd.Complete();
        return buffer.ToArray();
    }

    private static byte[] Unpack(byte[] compressed)
    {
        using var stream = LayerDecompression.Open(new MemoryStream(compressed));
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
