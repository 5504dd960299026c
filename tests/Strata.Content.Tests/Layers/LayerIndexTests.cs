using System.Text;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;
using static Strata.Content.Tests.Layers.Sample;

namespace Strata.Content.Tests.Layers;

public sealed class LayerIndexTests
{
    private static readonly LayerEntry[] Many =
    [
        Directory("bin"),
        File("bin/sh", "#!", 0x9ED),
        HardLink("bin/ash", "bin/sh"),
        Directory("etc"),
        File("etc/passwd", "root:x:0:0::/root:/bin/sh\n") with { UserId = 5_000_000, GroupId = 7 },
        Link("etc/mtab", "/proc/mounts"),
        Device("etc/null", EntryKind.CharacterDevice, 1, 3),
        Device("etc/disk", EntryKind.BlockDevice, 259, 70000),
        Device("etc/pipe", EntryKind.Fifo, 0, 0),
        File("etc-x", "", 0x1FF) with
        {
            Xattrs = [new("security.capability", [1, 0, 0, 2, 0, 0x20, 0, 0xFF, 10]), new("user.zero", []), new("user.b", [0, 10, 61])],
        },
        File("etc/" + new string('n', 200) + "/é", "long") with { Modified = new FileTime(-5, 0) },
        Whiteout("gone"),
        Directory("var"),
        Opaque("var"),
        Whiteout("var/x"),
    ];

    [Fact]
    public void What_the_builder_indexes_is_what_the_indexer_finds_in_its_tar()
    {
        var (tar, built) = Layer(Many);
        var read = Index(tar);
        Assert.Equal(Digest.Of(tar), read.DiffId);
        Assert.Equal(built.DiffId, read.DiffId);
        Assert.Equal(tar.Length, read.TarSize);
        Assert.Equal(Lines(built), Lines(read));
        Assert.Equal(Enumerable.Range(0, built.Count).Select(i => built[i].TarOffset), Enumerable.Range(0, read.Count).Select(i => read[i].TarOffset));
        Assert.False(read.SelfContained);
    }

    [Fact]
    public void A_file_lies_in_the_tar_where_its_entry_says_under_each_of_its_names()
    {
        var (tar, index) = Layer(Many);
        foreach (var name in (string[])["bin/sh", "bin/ash"])
        {
            var entry = index[index.Find(ImagePath.Parse(name))];
            Assert.Equal("#!", Encoding.UTF8.GetString(tar.AsSpan((int)entry.TarOffset, (int)entry.Size)));
            Assert.Equal(0x9EDu, entry.Mode);
            Assert.Equal(Digest.Of("#!"u8), entry.Content);
        }
        Assert.Equal(EntryKind.HardLink, index[index.Find(ImagePath.Parse("bin/ash"))].Kind);
        Assert.Equal("root:x:0:0::/root:/bin/sh\n"u8.ToArray(), index[index.Find(ImagePath.Parse("etc/passwd"))].Inline?.ToArray());
    }

    [Fact]
    public void An_index_comes_back_from_its_file_as_it_was()
    {
        var (_, index) = Layer(Many);
        using var folder = new TemporaryFolder();
        var path = folder.File("layer.idx");
        using (var file = System.IO.File.Create(path))
        {
            index.Write(file);
        }
        var opened = LayerIndex.Open(path);
        Assert.Equal(Lines(index), Lines(opened));
        Assert.Equal((index.DiffId, index.TarSize, index.SelfContained), (opened.DiffId, opened.TarSize, opened.SelfContained));
        var again = new MemoryStream();
        opened.Write(again);
        Assert.Equal(System.IO.File.ReadAllBytes(path), again.ToArray());
    }

    [Fact]
    public void An_index_with_a_flipped_bit_is_refused()
    {
        var (_, index) = Layer(Many);
        var file = new MemoryStream();
        index.Write(file);
        var bytes = file.ToArray();
        for (var i = 0; i < bytes.Length; i += 13)
        {
            bytes[i] ^= 4;
            Assert.Throws<InvalidDataException>(() => LayerIndex.Parse(bytes).Recipe());
            bytes[i] ^= 4;
        }
        Assert.Throws<InvalidDataException>(() => LayerIndex.Parse(bytes.AsMemory(..^1)));
        Assert.Throws<InvalidDataException>(() => LayerIndex.Parse(bytes.AsMemory(..50)));
    }

    [Fact]
    public void The_entries_below_a_directory_are_found_among_names_that_begin_alike()
    {
        var (_, index) = Layer(Directory("a"), File("a/x", ""), File("a/y", ""), File("a-b", ""), Directory("a.d"), File("a.d/z", ""), File("ab", ""));
        var (first, count) = index.Below(ImagePath.Parse("a"));
        Assert.Equal(["/a/x", "/a/y"], Enumerable.Range(first, count).Select(i => index[i].Path.ToString()));
        Assert.Equal(7, index.Below(ImagePath.Root).Count);
        Assert.Equal(0, index.Below(ImagePath.Parse("nothing")).Count);
        Assert.Equal(-1, index.Find(ImagePath.Parse("a/z")));
        Assert.True(index.SelfContained);
    }

    [Fact]
    public void A_layer_that_leaves_out_a_directory_is_not_self_contained()
    {
        Assert.False(Layer(File("a/b", "")).Index.SelfContained);
        Assert.False(Layer(Directory("a"), File("a/b/c", "")).Index.SelfContained);
        Assert.False(Layer(Whiteout("a")).Index.SelfContained);
        Assert.True(Layer().Index.SelfContained);
    }

    [Fact]
    public void Of_two_entries_with_one_name_the_last_counts()
    {
        var index = Index(Archive(
            Header("d/", TarType.Directory), Header("d/old", size: 3), Header("d"), Header("e", size: 1), Header("e", size: 2), Header("./d/", TarType.Directory), Header("d/new")));
        Assert.Equal(["/d Directory", "/d/new Regular", "/e Regular"], Kinds(index));
        Assert.Equal(2, index[2].Size);
        Assert.False(index.Rebuildable);
    }

    [Fact]
    public void A_link_to_a_file_that_was_replaced_keeps_the_old_content()
    {
        var index = Index(Archive(Header("a", size: 3), Header("b", TarType.HardLink, "a"), Header("c", TarType.HardLink, "b"), Header("a", size: 5)));
        Assert.Equal(["/a Regular", "/b Regular", "/c HardLink"], Kinds(index));
        Assert.Equal([5, 3, 3], Enumerable.Range(0, 3).Select(i => index[i].Size));
        Assert.Equal("b", Encoding.UTF8.GetString(index[2].LinkTarget.Span));
    }

    [Fact]
    public void A_name_that_leads_through_a_link_of_the_layer_lands_where_the_link_leads()
    {
        var index = Index(Archive(
            Header("lib", TarType.SymbolicLink, "usr/lib"),
            Header("up", TarType.SymbolicLink, "/../../usr"),
            Header("lib/a"),
            Header("up/lib/b"),
            Header("c", TarType.HardLink, "lib/a")));
        Assert.Equal(["/c HardLink", "/lib SymbolicLink", "/up SymbolicLink", "/usr/lib/a Regular", "/usr/lib/b Regular"], Kinds(index));
    }

    [Fact]
    public void Names_are_cleaned_into_the_root()
    {
        var index = Index(Archive(Header("./", TarType.Directory), Header("/abs"), Header("../../up"), Header("a/../b//c")));
        Assert.Equal(["/ Directory", "/abs Regular", "/b/c Regular", "/up Regular"], Kinds(index));
    }

    [Fact]
    public void Marks_of_aufs_and_of_overlay_are_left_out()
    {
        var index = Index(Archive(
            Header(".wh..wh.aufs"), Header(".wh..wh.plnk/1.2"), Header("d/.wh..wh..opq"),
            Header("x") with { Xattrs = [new("trusted.overlay.opaque", [(byte)'y']), new("user.a", [1]), new("user.overlay.redirect", [1])] }));
        Assert.Equal(["/d OpaqueWhiteout", "/x Regular"], Kinds(index));
        Assert.Equal("user.a", Assert.Single(index[1].Xattrs).Key);
    }

    [Fact]
    public void Holes_are_filled_in()
    {
        var index = Index(System.IO.File.ReadAllBytes(TestData.Path("tar", "testdata", "sparse-formats.tar")));
        var digests = Enumerable.Range(0, index.Count).Select(i => index[i]).Where(e => e.Path.ToString().Contains("sparse", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, digests.Count);
        Assert.Single(digests.Select(e => e.Content).Distinct());
        Assert.All(digests, e => Assert.Equal((200, -1), (e.Size, e.TarOffset)));
    }

    private static IEnumerable<string> Kinds(LayerIndex index) => Enumerable.Range(0, index.Count).Select(i => $"{index[i].Path} {index[i].Kind}");

    private static IEnumerable<string> Lines(LayerIndex index) => Enumerable.Range(0, index.Count)
        .Select(i => $"{Describe(index[i])} {index[i].Kind} {Encoding.UTF8.GetString(index[i].LinkTarget.Span)} {index[i].Inline?.Length}");
}
