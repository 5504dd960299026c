using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Strata.Content.Layers;

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
