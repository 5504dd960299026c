using System.Diagnostics;
using System.Text;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;
using static Strata.Content.Tests.Layers.Sample;

namespace Strata.Content.Tests.Layers;

public sealed class LayerBuilderTests
{
    [Fact]
    public void The_same_entries_give_the_same_bytes_whatever_the_nanoseconds()
    {
        var (one, _) = Layer(Directory("a"), File("a/b", "x"));
        var (two, _) = Layer(Directory("a") with { Modified = Time with { Nanoseconds = 5 } }, File("a/b", "x"));
        Assert.Equal(one, two);
        // Two headers, one content, the end.
        Assert.Equal((2 * 512) + 512 + 1024, one.Length);
        Assert.Equal("a/\0", Encoding.ASCII.GetString(one, 0, 3));
        Assert.Equal("0000755\00000000\00000000\000000000000\014524770400\0", Encoding.ASCII.GetString(one, 100, 48));
        Assert.Equal("5\0", Encoding.ASCII.GetString(one, 156, 2));
        Assert.Equal("ustar\000", Encoding.ASCII.GetString(one, 257, 8));
    }

    [Fact]
    public void Times_after_the_clamp_become_the_clamp()
    {
        var tar = new MemoryStream();
        using var builder = new LayerBuilder(tar, new FileTime(1000, 0));
        builder.AddDirectory(Directory("late"));
        builder.AddDirectory(Directory("early") with { Modified = new FileTime(999, 5) });
        var index = builder.Complete();
        Assert.Equal([new FileTime(999, 0), new FileTime(1000, 0)], [index[0].Modified, index[1].Modified]);
    }

    [Fact]
    public void Small_files_of_users_are_in_the_index_others_are_not()
    {
        var (tar, built) = Layer(Directory("etc"), File("etc/group", new string('g', InlineFiles.LargestSize + 1)), File("etc/passwd", "root:x:0:0::/:\n"), File("etc/other", "x"));
        foreach (var index in (LayerIndex[])[built, LayerIndexer.Index(new MemoryStream(tar), IndexLimits.Default, TestContext.Current.CancellationToken)])
        {
            ReadOnlyMemory<byte>? Inline(string path) => index[index.Find(ImagePath.Parse(path))].Inline;
            Assert.Equal("root:x:0:0::/:\n", Encoding.ASCII.GetString(Inline("etc/passwd")!.Value.Span));
            Assert.Null(Inline("etc/group"));
            Assert.Null(Inline("etc/other"));
        }
    }

    [Fact]
    public void A_file_that_shrank_or_grew_is_noticed()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllText(folder.File("f"), "12345");
        foreach (var size in (long[])[4, 6, 2_000_000])
        {
            using var builder = new LayerBuilder(Stream.Null, null);
            using var content = System.IO.File.OpenHandle(folder.File("f"));
            var e = Assert.Throws<ContentChangedException>(() => builder.AddFile(File("f", "") with { Size = size }, content));
            Assert.Equal("/f", e.Path.ToString());
        }
    }

    [Fact]
    public void A_file_larger_than_the_buffer_is_whole()
    {
        using var folder = new TemporaryFolder();
        var content = new byte[3_500_001];
        new Random(1).NextBytes(content);
        System.IO.File.WriteAllBytes(folder.File("f"), content);
        using var handle = System.IO.File.OpenHandle(folder.File("f"));
        var tar = new MemoryStream();
        using var builder = new LayerBuilder(tar, null);
        Assert.Equal(Digest.Of(content), builder.AddFile(File("f", "") with { Size = content.Length }, handle));
        var index = builder.Complete();
        Assert.Equal(Digest.Of(tar.ToArray()), index.DiffId);
        Assert.Equal(content, tar.ToArray()[(int)index[0].TarOffset..][..content.Length]);
    }

    [Fact]
    public void What_would_not_come_out_right_is_refused()
    {
        using var builder = new LayerBuilder(Stream.Null, null);
        builder.AddDirectory(Directory("d"));
        builder.AddFile(File("d/f", ""), Stream.Null);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => builder.AddDirectory(Directory("d"))).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => builder.AddSymbolicLink(Link("d/f", "x"))).Message, StringComparison.Ordinal);
        Assert.Contains("removals", Assert.Throws<ArgumentException>(() => builder.AddFile(File("d/.wh.x", ""), Stream.Null)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => builder.AddHardLink(HardLink("h", "d/none")));
        Assert.Throws<ArgumentException>(() => builder.AddDirectory(File("x", "")));
        builder.AddFile(File("e/f", ""), Stream.Null);
        Assert.Contains("after something below", Assert.Throws<ArgumentException>(() => builder.AddDirectory(Directory("e"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GNU_tar_reads_what_is_written()
    {
        Assert.SkipUnless(System.IO.File.Exists("/usr/bin/tar"), "needs GNU tar");
        var (tar, _) = Layer(
            Directory("d"), File("d/" + new string('x', 150), "long"), File("é", "utf-8"), Link("l", new string('t', 150)), HardLink("h", "é"),
            File(string.Join('/', Enumerable.Repeat("part", 40)), "deep") with { UserId = 3_000_000 });
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllBytes(folder.File("t.tar"), tar);
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/tar", ["-tf", folder.File("t.tar"), "--quoting-style=literal"]) { RedirectStandardOutput = true })!;
        var names = process.StandardOutput.ReadToEnd().TrimEnd('\n').Split('\n');
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(6, names.Length);
        Assert.Equal("d/" + new string('x', 150), names[1]);
        Assert.EndsWith("part/part", names[5], StringComparison.Ordinal);
    }

    [Fact]
    public void A_tar_is_made_again_to_the_byte()
    {
        var (own, _) = Layer(Directory("a"), File("a/x", "content"), HardLink("h", "a/x"), File("empty", ""), File("long" + new string('n', 200), "y"), Whiteout("w"));
        var tars = new List<byte[]> { own };
        if (Environment.GetEnvironmentVariable(TestData.Variable) is { Length: > 0 })
        {
            tars.AddRange(((string[])["gnu.tar", "pax.tar", "star.tar", "v7.tar", "sparse-formats.tar", "xattrs.tar", "hardlink.tar", "gnu-not-utf8.tar", "ustar.tar", "pax-nil-sparse-data.tar"])
                .Select(file => System.IO.File.ReadAllBytes(TestData.Path("tar", "testdata", file))));
        }
        foreach (var tar in tars)
        {
            var index = Index(tar);
            Assert.True(index.Rebuildable);
            var contents = Contents(tar);
            var again = new MemoryStream();
            TarRebuilder.Rebuild(index, entry => new MemoryStream(contents[entry.Path]), again, TestContext.Current.CancellationToken);
            Assert.Equal(tar, again.ToArray());
            if (contents.Values.FirstOrDefault(c => c.Length > 0 && c[0] != 0) is { } content)
            {
                content[0] ^= 1;
                Assert.Throws<InvalidDataException>(() =>
                    TarRebuilder.Rebuild(index, entry => new MemoryStream(contents[entry.Path]), Stream.Null, TestContext.Current.CancellationToken));
            }
        }
    }

    private static Dictionary<ImagePath, byte[]> Contents(byte[] tar)
    {
        var contents = new Dictionary<ImagePath, byte[]>();
        using var reader = new TarReader(new MemoryStream(tar), TarLimits.Default, TestContext.Current.CancellationToken);
        while (reader.ReadNext() is { } header)
        {
            if (header.Type is TarType.Regular or TarType.GnuSparse && ImagePath.TryParse(header.Name, out var path))
            {
                var content = new MemoryStream();
                var buffer = new byte[512];
                while (reader.Read(buffer) is var read and > 0)
                {
                    content.Write(buffer, 0, read);
                }
                contents[path] = content.ToArray();
            }
        }
        return contents;
    }
}
