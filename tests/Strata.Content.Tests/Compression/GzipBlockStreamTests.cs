using System.Diagnostics;
using System.IO.Compression;
using CsCheck;
using Strata.Content.Compression;

namespace Strata.Content.Tests.Compression;

public sealed class GzipBlockStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Any_content_comes_back_whatever_the_level() =>
        Gen.Select(Gen.Byte.Array[0, 20_000], Gen.Int[0, 9]).Sample((content, level) =>
            Assert.Equal(content, Gunzip(Compress(content, level, 2))), iter: 60);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1 << 20)]
    [InlineData(1, (3 << 20) + 17)]
    [InlineData(6, (4 << 20) - 1)]
    [InlineData(6, 9 << 20)]
    public void Content_of_several_blocks_comes_back(int level, int length)
    {
        var content = Text(length);
        Assert.Equal(content, Gunzip(Compress(content, level, 4)));
    }

    [Fact]
    public void The_bytes_are_the_same_for_any_number_of_threads_and_any_pieces()
    {
        var content = Text(6 << 20);
        var expected = Compress(content, 1, 1);
        foreach (var parallelism in new[] { 2, 3, 8 })
        {
            Assert.Equal(expected, Compress(content, 1, parallelism));
        }
        using var buffer = new MemoryStream();
        using var gzip = new GzipBlockStream(buffer, 1, 2);
        var random = new Random(5);
        for (var at = 0; at < content.Length;)
        {
            var piece = Math.Min(random.Next(1, 300_000), content.Length - at);
            gzip.Write(content, at, piece);
            at += piece;
        }
        gzip.Complete();
        Assert.Equal(expected, buffer.ToArray());
    }

    [Fact]
    public async Task Asynchronous_writing_gives_the_same_bytes()
    {
        var content = Text(5 << 20);
        using var buffer = new MemoryStream();
        await using var gzip = new GzipBlockStream(buffer, 1, 3);
        await new MemoryStream(content).CopyToAsync(gzip, 77_777, Stop);
        await gzip.CompleteAsync(Stop);
        Assert.Equal(Compress(content, 1, 1), buffer.ToArray());
    }

    [Fact]
    public void The_header_tells_nothing_of_this_machine() =>
        Assert.Equal([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF], Compress([1, 2, 3], 6, 1)[..10]);

    [Fact]
    public void The_encoder_keeps_its_bytes_from_version_to_version()
    {
        // A change here changes digests in every store: it needs a new encoder name.
        var digest = Oci.Digest.Of(Compress(Text(100_000), 6, 2));
        Assert.Equal("a26730ab8377", digest.Short);
    }

    [Fact]
    public void What_is_not_completed_is_no_gzip_file()
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GzipBlockStream(buffer, 1, 2))
        {
            gzip.Write(Text(3 << 20));
        }
        Assert.True(buffer.Length < Compress(Text(3 << 20), 1, 2).Length - 2);
    }

    [Fact]
    public void A_target_that_fails_stops_the_writer()
    {
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.Write, 1);
        using var gzip = new GzipBlockStream(full, 1, 2);
        Assert.Throws<IOException>(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                gzip.Write(Text(1 << 20));
            }
            gzip.Complete();
        });
    }

    [Fact]
    public async Task Gunzip_of_the_system_agrees()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gzip") || File.Exists("/bin/gzip"), "gzip is not installed");
        var content = Text(2 << 20);
        var file = Path.Combine(Path.GetTempPath(), $"strata-gzip-{Guid.NewGuid():N}.gz");
        await File.WriteAllBytesAsync(file, Compress(content, 1, 2), Stop);
        try
        {
            using var gunzip = Process.Start(new ProcessStartInfo("gzip", ["-dc", file]) { RedirectStandardOutput = true })!;
            using var output = new MemoryStream();
            await gunzip.StandardOutput.BaseStream.CopyToAsync(output, Stop);
            await gunzip.WaitForExitAsync(Stop);
            Assert.Equal(0, gunzip.ExitCode);
            Assert.Equal(content, output.ToArray());
        }
        finally
        {
            File.Delete(file);
        }
    }

    internal static byte[] Compress(byte[] content, int level, int parallelism)
    {
        using var buffer = new MemoryStream();
        using var gzip = new GzipBlockStream(buffer, level, parallelism);
        gzip.Write(content);
        gzip.Complete();
        return buffer.ToArray();
    }

    // Compresses to about a third, and no two blocks are alike.
    internal static byte[] Text(int length)
    {
        var random = new Random(length);
        var content = new byte[length];
        for (var i = 0; i < length; i++)
        {
            content[i] = i >= 64 && random.Next(4) != 0 ? content[i - 1 - random.Next(63)] : (byte)random.Next('a', 'z');
        }
        return content;
    }

    private static byte[] Gunzip(byte[] compressed)
    {
        using var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var buffer = new MemoryStream();
        gzip.CopyTo(buffer);
        return buffer.ToArray();
    }
}
