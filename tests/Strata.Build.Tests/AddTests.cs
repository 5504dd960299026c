using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Strata.Content.Layers;
using Strata.Dockerfile;
using Strata.Oci;

namespace Strata.Build.Tests;

/// <summary>Where ADD differs from COPY: archives are unpacked.</summary>
public sealed class AddTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_archive_is_unpacked_whatever_its_name(bool compressed)
    {
        Archive("data.bin", compressed, ("dir/a.txt", "a"), ("dir/b.txt", "b"), ("dir/link", "-> a.txt"));
        var image = await _bench.Build("FROM base\nADD data.bin /opt/");
        Assert.Equal(["/opt", "/opt/dir", "/opt/dir/a.txt", "/opt/dir/b.txt", "/opt/dir/link"], _bench.Paths(image.Layers[1]));
        Assert.Equal("b", _bench.Text(image, "opt/dir/b.txt"));
        Assert.Equal(EntryKind.SymbolicLink, _bench.Entry(image, "opt/dir/link")!.Kind);
        Assert.Equal((7u, 8u, 0x180u, 1_300_000_000L), Facts(_bench.Entry(image, "opt/dir/a.txt")!));
    }

    [Fact]
    public async Task Other_files_are_copied_and_so_is_an_archive_when_asked()
    {
        Archive("data.tgz", true, ("a", "a"));
        _bench.File("plain.gz", "not gzip at all");
        var image = await _bench.Build("FROM scratch\nADD plain.gz data.tgz /x/\nADD --unpack=false data.tgz /y/\nCOPY data.tgz /z/");
        Assert.Equal("not gzip at all", _bench.Text(image, "x/plain.gz"));
        Assert.Equal("a", _bench.Text(image, "x/a"));
        Assert.NotNull(_bench.Entry(image, "y/data.tgz"));
        Assert.NotNull(_bench.Entry(image, "z/data.tgz"));
    }

    [Fact]
    public async Task An_unpacked_archive_is_found_again_and_its_change_is_named()
    {
        Archive("data.tar", false, ("a", "1"));
        await _bench.Build("FROM scratch\nADD data.tar /");
        await _bench.Build("FROM scratch\nADD data.tar /");
        Assert.Equal("Cached", _bench.Outcomes()["ADD data.tar /"]);
        Archive("data.tar", false, ("a", "2"));
        var image = await _bench.Build("FROM scratch\nADD data.tar /");
        Assert.Equal("data.tar changed", _bench.Why("ADD data.tar /"));
        Assert.Equal("2", _bench.Text(image, "a"));
    }

    [Fact]
    public async Task An_archive_cannot_climb_out_or_mark_deletions()
    {
        Archive("up.tar", false, ("../../outside", "x"));
        Archive("wh.tar", false, (".wh.etc", ""));
        var image = await _bench.Build("FROM scratch\nADD up.tar /deep/er/");
        Assert.Equal("x", _bench.Text(image, "deep/er/outside"));
        Assert.Contains("marks a deleted file", await _bench.Refusal("FROM base\nADD wh.tar /"));
    }

    [Fact]
    public async Task An_archive_that_breaks_off_is_refused_with_its_name()
    {
        Archive("cut.tar", false, ("a", new string('x', 5000)));
        var path = Path.Combine(_bench.Context, "cut.tar");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..2000]);
        Assert.Contains("\"/cut.tar\" can't be unpacked", await _bench.Refusal("FROM scratch\nADD cut.tar /"));
        Assert.Equal(0, _bench.Layers.Committed);
    }

    [Fact]
    public void An_archive_that_swells_past_all_measure_is_refused_before_it_fills_the_disk()
    {
        Archive("bomb.tgz", true, ("zeros", new string('\0', 4_000_000)));
        using var tree = ContextTree.Open(_bench.Context, IgnoreFile.None, "the build context");
        var entry = tree.Find(ImagePath.Parse("bomb.tgz"))!;
        var temporary = Directory.CreateDirectory(Path.Combine(_bench.Context, "tmp")).FullName;
        var work = new UnpackWork(temporary, new UnpackLimit { Always = 1_000_000, Ratio = 20 }, TestContext.Current.CancellationToken);
        var refusal = Assert.Throws<CopyException>(() => UnpackedArchive.Open(tree, entry, DigestOf("bomb.tgz"), work));
        Assert.Contains("\"/bomb.tgz\" can't be unpacked: it holds more than 1,000,000 bytes", refusal.Message);
        Assert.Empty(Directory.EnumerateFiles(temporary));
        using var unpacked = UnpackedArchive.Open(tree, entry, DigestOf("bomb.tgz"), work with { Limit = UnpackLimit.Default });
        Assert.Equal(4_000_000, Assert.Single(unpacked.Match.Entries).Entry.Size);
    }

    [Fact]
    public void Unpacking_stops_when_the_build_does()
    {
        Archive("bomb.tgz", true, ("zeros", new string('\0', 4_000_000)));
        using var tree = ContextTree.Open(_bench.Context, IgnoreFile.None, "the build context");
        var entry = tree.Find(ImagePath.Parse("bomb.tgz"))!;
        // The limit lies past the first bytes: to meet it would mean to have gone on.
        var work = new UnpackWork(_bench.Context, new UnpackLimit { Always = 1_000_000, Ratio = 1 }, new CancellationToken(true));
        Assert.Throws<OperationCanceledException>(() => UnpackedArchive.Open(tree, entry, DigestOf("bomb.tgz"), work));
    }

    [Fact]
    public void A_walk_of_the_context_stops_when_the_build_does()
    {
        _bench.File("a");
        using var tree = ContextTree.Open(_bench.Context, IgnoreFile.None, "the build context");
        Assert.Throws<OperationCanceledException>(() => tree.Walk(ImagePath.Root, new CancellationToken(true)));
    }

    [Theory]
    [InlineData(1000, 1L << 30)]
    [InlineData(100_000_000, 20_000_000_000)]
    [InlineData(1L << 40, 256L << 30)]
    public void A_small_archive_has_room_and_a_large_one_in_proportion(long size, long expected) =>
        Assert.Equal(expected, UnpackLimit.Default.For(size));

    private Digest DigestOf(string name) => Digest.Of(File.ReadAllBytes(Path.Combine(_bench.Context, name)));

    private static (uint, uint, uint, long) Facts(LayerEntry entry) => (entry.UserId, entry.GroupId, entry.Mode, entry.Modified.Seconds);

    private void Archive(string name, bool compressed, params (string Path, string Content)[] files)
    {
        using var file = File.Create(Path.Combine(_bench.Context, name));
        using var target = compressed ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        using var tar = new TarWriter(target, TarEntryFormat.Ustar);
        foreach (var (path, content) in files)
        {
            var isLink = content.StartsWith("-> ", StringComparison.Ordinal);
            var entry = new UstarTarEntry(isLink ? TarEntryType.SymbolicLink : TarEntryType.RegularFile, path)
            {
                Uid = 7,
                Gid = 8,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_300_000_000),
            };
            if (isLink)
            {
                entry.LinkName = content[3..];
            }
            else
            {
                entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
            }
            tar.WriteEntry(entry);
        }
    }
}
