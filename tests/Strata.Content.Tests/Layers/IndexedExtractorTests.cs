using System.Text;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Layers;

public sealed class IndexedExtractorTests
{
    private const int Directories = 7;
    private const int FilesInEach = 150;
    private const int LargeSize = 3 * 1024 * 1024 + 17;

    [Fact]
    public void Many_files_large_and_small_ones_and_empty_ones_come_out_as_the_layer_has_them()
    {
        using var folder = new TemporaryFolder();
        var (tar, index) = Write(folder);
        var target = Directory.CreateDirectory(folder.File("out")).FullName;
        Extract(index, tar, target);
        var time = DateTimeOffset.FromUnixTimeSeconds(1_000_000).UtcDateTime;
        for (var d = 0; d < Directories; d++)
        {
            Assert.Equal(time, Directory.GetLastWriteTimeUtc(Path.Combine(target, $"d{d}")));
            for (var f = 0; f < FilesInEach; f++)
            {
                var file = Path.Combine(target, $"d{d}/f{f:000}");
                Assert.Equal(Content(d, f), File.ReadAllText(file));
                Assert.Equal(time, File.GetLastWriteTimeUtc(file));
                Assert.Equal(f % 2 == 0 ? 0x1A4u : 0x1FFu, HostFile.Status(file, follow: false)!.Value.Mode);
            }
        }
        Assert.Equal(Large(), File.ReadAllBytes(Path.Combine(target, "large")));
        Assert.Equal(2u, HostFile.Status(Path.Combine(target, "second"), follow: false)!.Value.LinkCount);
    }

    [Fact]
    public void A_tar_that_no_longer_holds_what_the_index_says_is_refused()
    {
        using var folder = new TemporaryFolder();
        var (tar, index) = Write(folder);
        var bytes = File.ReadAllBytes(tar);
        bytes[index[index.Find(ImagePath.Parse("d3/f077"))].TarOffset] ^= 1;
        File.WriteAllBytes(tar, bytes);
        Assert.Throws<ContentMismatchException>(() => Extract(index, tar, Directory.CreateDirectory(folder.File("other")).FullName));
        File.WriteAllBytes(tar, bytes.AsSpan(0, bytes.Length / 2));
        Assert.Throws<ContentMismatchException>(() => Extract(index, tar, Directory.CreateDirectory(folder.File("cut")).FullName));
    }

    private static void Extract(LayerIndex index, string tar, string target)
    {
        Assert.True(IndexedExtractor.CanExtract(index));
        using var handle = File.OpenHandle(tar);
        var options = new ExtractOptions { Privileged = Environment.IsPrivilegedProcess, Workers = 3 };
        IndexedExtractor.Extract(index, handle, target, options, CancellationToken.None);
    }

    private static (string Tar, LayerIndex Index) Write(TemporaryFolder folder)
    {
        var path = folder.File("layer.tar");
        using var file = File.Create(path);
        using var builder = new LayerBuilder(file, null);
        for (var d = 0; d < Directories; d++)
        {
            builder.AddDirectory(Entry($"d{d}", EntryKind.Directory, 0x1ED, 0));
            for (var f = 0; f < FilesInEach; f++)
            {
                var content = Encoding.UTF8.GetBytes(Content(d, f));
                builder.AddFile(Entry($"d{d}/f{f:000}", EntryKind.Regular, f % 2 == 0 ? 0x1A4u : 0x1FFu, content.Length), new MemoryStream(content));
            }
        }
        builder.AddFile(Entry("large", EntryKind.Regular, 0x1A4, LargeSize), new MemoryStream(Large()));
        builder.AddHardLink(Entry("second", EntryKind.HardLink, 0, 0) with { LinkTarget = "large"u8.ToArray() });
        return (path, builder.Complete());
    }

    private static LayerEntry Entry(string path, EntryKind kind, uint mode, long size) => new()
    {
        Path = ImagePath.Parse(path),
        Kind = kind,
        Mode = mode,
        Size = size,
        Modified = new FileTime(1_000_000, 0),
        UserId = Credentials.EffectiveUserId,
        GroupId = Credentials.EffectiveGroupId,
    };

    private static string Content(int directory, int file) => string.Concat(Enumerable.Repeat($"{directory}/{file} ", file * 7));

    private static byte[] Large()
    {
        var bytes = new byte[LargeSize];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
