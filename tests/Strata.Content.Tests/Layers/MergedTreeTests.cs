using System.Text;
using Strata.Content.Layers;
using Strata.Oci;
using static Strata.Content.Tests.Layers.Sample;

namespace Strata.Content.Tests.Layers;

public sealed class MergedTreeTests
{
    [Fact]
    public void The_newest_layer_wins_and_directories_become_one()
    {
        var tree = Of(
            [Directory("etc"), File("etc/a", "old"), File("etc/b", "old")],
            [Directory("etc", 0x1C0), File("etc/a", "new!"), File("etc/c", "new")]);
        Assert.Equal(["/etc 1", "/etc/a 1", "/etc/b 0", "/etc/c 1"], Shown(tree));
        Assert.Equal(0x1C0u, tree.Find(ImagePath.Parse("etc"))!.Value.Entry.Mode);
        Assert.Equal(4, tree.Find(ImagePath.Parse("etc/a"))!.Value.Entry.Size);
    }

    [Fact]
    public void Whiteouts_hide_what_is_below_and_are_not_seen()
    {
        var tree = Of(
            [Directory("a"), File("a/x", ""), Directory("b"), File("b/y", ""), File("c", "")],
            [Whiteout("a"), Whiteout("b/y"), Whiteout("c"), Whiteout("never")]);
        Assert.Equal(["/b 0"], Shown(tree));
        Assert.Null(tree.Find(ImagePath.Parse("a/x")));
    }

    [Fact]
    public void An_opaque_directory_starts_anew_even_when_the_mark_comes_last()
    {
        var tree = Of(
            [Directory("d"), File("d/old", ""), Directory("d/sub"), File("d/sub/old", "")],
            [Directory("d"), File("d/new", ""), Directory("d/sub"), Opaque("d")]);
        Assert.Equal(["/d 1", "/d/new 1", "/d/sub 1"], Shown(tree));
    }

    [Fact]
    public void A_directory_that_took_a_files_place_shows_nothing_from_below_that_file()
    {
        var tree = Of([Directory("p"), File("p/x", "")], [File("p", "")], [Directory("p"), File("p/y", "")]);
        Assert.Equal(["/p 2", "/p/y 2"], Shown(tree));
    }

    [Fact]
    public void A_directory_without_an_entry_looks_as_it_does_below()
    {
        var tree = Of([Directory("opt", 0x1C0)], [File("opt/app/x", "")]);
        var opt = tree.Find(ImagePath.Parse("opt"))!.Value;
        Assert.Equal((0x1C0u, 0, 0), (opt.Entry.Mode, opt.Layer, opt.Position));
        var app = tree.Find(ImagePath.Parse("opt/app"))!.Value;
        Assert.Equal((0x1EDu, 1, -1), (app.Entry.Mode, app.Layer, app.Position));
        Assert.Equal(["/opt 0", "/opt/app 1", "/opt/app/x 1"], Shown(tree));
    }

    [Fact]
    public void A_walk_goes_directory_by_directory()
    {
        var tree = Of([Directory("a"), File("a-b", ""), File("a/x", "")], [Directory("a.d"), File("a.d/y", ""), File("a/b", "")]);
        Assert.Equal(["/a", "/a/b", "/a/x", "/a-b", "/a.d", "/a.d/y"], tree.Walk(ImagePath.Root).Select(e => e.Path.ToString()));
        Assert.Equal(["/a", "/a-b", "/a.d"], tree.Children(ImagePath.Root).Select(e => e.Path.ToString()));
        Assert.Equal(["/a/b", "/a/x"], tree.Walk(ImagePath.Parse("a")).Select(e => e.Path.ToString()));
        Assert.Empty(tree.Children(ImagePath.Parse("a-b")));
        Assert.Empty(tree.Children(ImagePath.Parse("none")));
    }

    [Fact]
    public void Links_are_followed_inside_the_root()
    {
        var tree = Of([
            Directory("usr"), Directory("usr/lib"), File("usr/lib/x", ""), Link("lib", "usr/lib"), Link("up", "../../../usr"), Link("abs", "/lib"),
            Link("usr/back", "../lib/x"), Link("loop", "loop"), Link("through", "usr/lib/x/y"), Link("here", ".")]);
        Assert.Equal("/usr/lib/x", Real("lib/x"));
        Assert.Equal("/usr/lib/x", Real("up/lib/x"));
        Assert.Equal("/usr/lib/x", Real("abs/x"));
        Assert.Equal("/usr/lib/x", Real("usr/back"));
        Assert.Equal("/usr/lib/x", Real("here/here/lib/x"));
        Assert.Equal("/", Real(""));
        Assert.Null(Real("loop"));
        Assert.Null(Real("through"));
        Assert.Null(Real("lib/none"));
        Assert.Equal("/lib", tree.Resolve(ImagePath.Parse("lib"), followLast: false)?.Path.ToString());

        string? Real(string path) => tree.Resolve(ImagePath.Parse(path), followLast: true)?.Path.ToString();
    }

    [Fact]
    public void Nothing_at_all_is_an_empty_root()
    {
        Assert.Empty(MergedTree.Empty.Walk(ImagePath.Root));
        Assert.True(MergedTree.Empty.Find(ImagePath.Root)!.Value.Entry.IsDirectory);
        Assert.Null(MergedTree.Empty.Find(ImagePath.Parse("a")));
    }

    [Fact]
    public void Five_hundred_layers_are_one_tree()
    {
        var tree = MergedTree.Of([.. Enumerable.Range(0, 500).Select(i => Layer(Directory("d"), File($"d/{i:D3}", "x")).Index)]);
        Assert.Equal(501, tree.Walk(ImagePath.Root).Count());
        Assert.Equal(0, tree.Find(ImagePath.Parse("d/000"))!.Value.Layer);
        Assert.Equal(499, tree.Find(ImagePath.Parse("d"))!.Value.Layer);
    }

    private static MergedTree Of(params LayerEntry[][] layers) => MergedTree.Of([.. layers.Select(entries => Layer(entries).Index)]);

    private static IEnumerable<string> Shown(MergedTree tree) => tree.Walk(ImagePath.Root).Select(e => $"{e.Path} {e.Layer}");
}
