using System.IO.Compression;
using Strata.Content.Compression;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Compression;

public sealed class LayerDecompressionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<LayerCompression> Compressions => [LayerCompression.None, LayerCompression.Gzip, LayerCompression.Zstd];

    [Theory, MemberData(nameof(Compressions))]
    public async Task The_first_bytes_tell_the_compression(LayerCompression compression)
    {
        foreach (var length in new[] { 0, 1, 1000, 3 << 20 })
        {
            var content = GzipBlockStreamTests.Text(length);
            await using var stream = LayerDecompression.Open(new MemoryStream(Compress(content, compression)));
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, 10_007, Stop);
            Assert.Equal(content, copy.ToArray());
        }
    }

    [Theory, MemberData(nameof(Compressions))]
    public void Synchronous_reading_gives_the_same(LayerCompression compression)
    {
        var content = GzipBlockStreamTests.Text(2 << 20);
        using var stream = LayerDecompression.Open(new MemoryStream(Compress(content, compression)), compression);
        var copy = new byte[content.Length];
        stream.ReadExactly(copy);
        Assert.Equal(-1, stream.ReadByte());
        Assert.Equal(content, copy);
    }

    [Theory]
    [InlineData(LayerCompression.Gzip)]
    [InlineData(LayerCompression.Zstd)]
    public void What_unpacks_to_far_more_than_itself_is_refused(LayerCompression compression)
    {
        var bomb = Compress(new byte[8 << 20], compression);
        long read = 0;
        var refusal = Assert.Throws<InvalidDataException>(() =>
        {
            using var stream = LayerDecompression.Open(new MemoryStream(bomb), compression, new InflationLimit { Always = 1 << 20, Ratio = 20 });
            for (var piece = new byte[64 * 1024]; stream.Read(piece) is > 0 and var length; read += length)
            {
            }
        });
        Assert.Contains("made to fill a disk", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(read, 0, 6 << 20);
        using var small = LayerDecompression.Open(new MemoryStream(bomb), compression, new InflationLimit { Always = 8 << 20, Ratio = 20 });
        small.CopyTo(Stream.Null);
        using var dense = LayerDecompression.Open(new MemoryStream(bomb), compression, new InflationLimit { Always = 0, Ratio = 100_000 });
        dense.CopyTo(Stream.Null);
    }

    [Fact]
    public void Several_gzip_members_are_one_tar()
    {
        byte[] two = [.. Compress([1, 2, 3], LayerCompression.Gzip), .. Compress([4, 5], LayerCompression.Gzip)];
        Assert.Equal([1, 2, 3, 4, 5], ReadAll(new MemoryStream(two)));
    }

    [Theory, MemberData(nameof(Compressions))]
    public void A_blob_that_is_not_what_it_should_be_fails_before_the_end(LayerCompression compression)
    {
        // The bytes after the compressed data are still the blob's, and no decoder would look at them.
        byte[] good = [.. Compress(GzipBlockStreamTests.Text(200_000), compression), .. new byte[512]];
        var digest = Digest.Of(good);
        good[^1] = 1;
        Assert.Throws<ContentMismatchException>(() => ReadAll(new VerifyingStream(new MemoryStream(good), digest, good.Length)));
    }

    [Theory]
    [InlineData(LayerCompression.Gzip)]
    [InlineData(LayerCompression.Zstd)]
    public void Data_that_is_cut_anywhere_is_refused(LayerCompression compression)
    {
        var good = Compress(GzipBlockStreamTests.Text(2000), compression);
        for (var length = 4; length < good.Length; length += 7)
        {
            var cut = good[..length];
            Assert.Throws<InvalidDataException>(() => ReadAll(new MemoryStream(cut)));
        }
        Assert.Throws<InvalidDataException>(() => ReadAll(new MemoryStream(good[..^1])));
    }

    [Fact]
    public void Broken_gzip_data_and_bytes_behind_it_are_refused()
    {
        var good = Compress(GzipBlockStreamTests.Text(200_000), LayerCompression.Gzip);
        var broken = good.ToArray();
        broken.AsSpan(good.Length / 2, 64).Fill(0xFF);
        Assert.Throws<InvalidDataException>(() => ReadAll(new MemoryStream(broken)));
        Assert.Throws<InvalidDataException>(() => ReadAll(new MemoryStream([.. good, 0, 0, 0])));
    }

    [Fact]
    public void Short_and_odd_pieces_come_out_whole_up_to_their_end()
    {
        foreach (var length in Enumerable.Range(0, 40).Append(65_537))
        {
            var content = GzipBlockStreamTests.Text(length);
            Assert.Equal(content, ReadAll(new MemoryStream(GzipBlockStreamTests.Compress(content, 6, 1))));
        }
    }

    [Fact]
    public void An_error_of_the_source_reaches_the_reader()
    {
        var good = Compress(GzipBlockStreamTests.Text(2 << 20), LayerCompression.Gzip);
        var error = Assert.Throws<IOException>(() => ReadAll(new BreakingStream(good, good.Length / 2)));
        Assert.Equal("The connection was cut.", error.Message);
    }

    [Fact]
    public void A_source_whose_first_read_fails_is_closed()
    {
        var source = new BufferedStream(new BreakingStream(new byte[10], 0));
        Assert.Throws<IOException>(() => LayerDecompression.Open(source));
        Assert.False(source.CanRead);
    }

    [Fact]
    public void Closing_early_stops_the_reading_thread()
    {
        var source = new MemoryStream(Compress(GzipBlockStreamTests.Text(4 << 20), LayerCompression.Gzip));
        var stream = LayerDecompression.Open(source);
        Assert.Equal(100, stream.Read(new byte[100]));
        stream.Dispose();
        Assert.False(source.CanRead);
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
    }

    [Fact]
    public void An_encoder_is_called_by_what_decides_its_bytes()
    {
        Assert.Equal("gzip-blocks-1/5", LayerEncoder.Default.ToString());
        Assert.Equal("zstd-frames-2/19", LayerEncoder.Zstd(19).ToString());
    }

    private static byte[] Compress(byte[] content, LayerCompression compression)
    {
        if (compression == LayerCompression.None)
        {
            return content;
        }
        using var buffer = new MemoryStream();
        using (Stream encoder = compression == LayerCompression.Gzip
            ? new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true)
            : new ZstdSharp.CompressionStream(buffer, leaveOpen: true))
        {
            encoder.Write(content);
        }
        return buffer.ToArray();
    }

    private static byte[] ReadAll(Stream blob)
    {
        using var stream = LayerDecompression.Open(blob);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
