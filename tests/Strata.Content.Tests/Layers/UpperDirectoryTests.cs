using System.Net.Sockets;
using System.Text;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;
using Strata.Testing;
using static Strata.Content.Tests.Layers.Sample;

namespace Strata.Content.Tests.Layers;

/// <summary>Upper directories made by hand, in the flavour that needs no root except for whiteouts.</summary>
public sealed class UpperDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RootedDirectory _upper;

    public UpperDirectoryTests()
    {
        System.IO.Directory.CreateDirectory(_folder.File("upper"));
        _upper = RootedDirectory.Open(_folder.File("upper"));
    }

    [Fact]
    public void What_was_only_copied_up_is_left_out_with_its_directories()
    {
        Make(Directory("etc"), File("etc/a", "same"), File("etc/b", "same"));
        var (lines, result) = Write(Lower(Directory("etc"), File("etc/a", "same"), File("etc/b", "same")));
        Assert.Empty(lines);
        Assert.Equal((2, false), (result.UnchangedDropped, result.Faithful));
    }

    [Fact]
    public void A_change_brings_its_directories_along()
    {
        Make(Directory("a"), Directory("a/b"), File("a/b/f", "new!"), Directory("c"), File("c/g", "same"));
        var (lines, result) = Write(Lower(Directory("a"), Directory("a/b"), File("a/b/f", "old!"), Directory("c"), File("c/g", "same")));
        Assert.Equal(["/a Directory", "/a/b Directory", "/a/b/f Regular"], lines);
        Assert.Equal((3, 1), (result.Written, result.UnchangedDropped));
    }

    [Fact]
    public void A_file_with_another_time_mode_or_attribute_is_a_change()
    {
        Make(File("m", "x", 0x1ED), File("t", "x") with { Modified = new FileTime(1, 0) }, File("x", "x") with { Xattrs = [new("user.a", [1])] });
        Assert.Equal(3, Write(Lower(File("m", "x"), File("t", "x"), File("x", "x"))).Lines.Count);
    }

    [Fact]
    public void An_opaque_directory_is_marked_only_where_something_is_hidden()
    {
        Make(Directory("full"), Directory("empty"), Directory("new"), Directory("full/sub"));
        foreach (var name in (string[])["full", "empty", "new"])
        {
            _upper.SetXattr(Encoding.UTF8.GetBytes(name), "user.overlay.opaque", "y"u8);
        }
        var (lines, result) = Write(Lower(Directory("full"), Directory("full/sub"), Directory("empty")));
        Assert.Equal(["/full Directory", "/full OpaqueWhiteout", "/full/sub Directory", "/new Directory"], lines);
        Assert.Equal(2, result.MarksDropped);
    }

    [Fact]
    public void Mount_points_made_for_the_step_never_reach_the_layer()
    {
        Make(Directory("etc") with { Modified = new FileTime(5, 0) }, File("etc/resolv.conf", ""), Directory("proc"), File("proc/x", ""));
        var ignored = new HashSet<ImagePath> { ImagePath.Parse("etc/resolv.conf"), ImagePath.Parse("proc") };
        var (lines, result) = Write(Lower(Directory("etc")), ignored);
        Assert.Empty(lines);
        Assert.Equal(2, result.IgnoredDropped);
    }

    [Fact]
    public void Two_names_of_one_file_stay_two_names()
    {
        Make(File("a", "x"));
        _upper.MakeHardLink("a"u8, "b"u8);
        var (lines, _) = Write(Lower(File("a", "x")));
        Assert.Equal(["/a Regular", "/b HardLink"], lines);
    }

    [Fact]
    public void A_socket_is_left_out_and_what_it_replaced_is_gone()
    {
        using var one = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var two = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        one.Bind(new UnixDomainSocketEndPoint(_folder.File("upper", "new")));
        two.Bind(new UnixDomainSocketEndPoint(_folder.File("upper", "old")));
        var (lines, result) = Write(Lower(File("old", "was a file")));
        Assert.Equal(["/old Whiteout"], lines);
        Assert.Equal(2, result.SocketsDropped);
    }

    [Fact]
    public void Whiteouts_of_nothing_are_left_out()
    {
        Privileges.NeedRoot();
        _upper.MakeNode("gone"u8, FileKind.CharacterDevice, 0, 0, 0);
        _upper.MakeNode("never"u8, FileKind.CharacterDevice, 0, 0, 0);
        var (lines, result) = Write(Lower(File("gone", "")));
        Assert.Equal(["/gone Whiteout"], lines);
        Assert.Equal(1, result.MarksDropped);
    }

    [Fact]
    public void An_upper_directory_without_whole_files_is_refused()
    {
        Make(File("f", "x"));
        _upper.SetXattr("f"u8, "user.overlay.metacopy", []);
        Assert.Contains("metacopy", Assert.Throws<InvalidDataException>(() => Write(MergedTree.Empty)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _upper.Dispose();
        _folder.Dispose();
    }

    // Owned by whoever runs the test, as what is made in the upper directory then is.
    private static LayerEntry Own(LayerEntry entry) => entry with { UserId = Credentials.EffectiveUserId, GroupId = Credentials.EffectiveGroupId };

    private static MergedTree Lower(params LayerEntry[] entries) => MergedTree.Of([Layer(entries.Select(Own)).Index]);

    private void Make(params LayerEntry[] entries)
    {
        var (tar, _) = Layer(entries);
        LayerExtractor.Extract(new MemoryStream(tar), _folder.File("upper"), new ExtractOptions { Privileged = false }, TestContext.Current.CancellationToken);
    }

    private (List<string> Lines, UpperResult Result) Write(MergedTree lower, IReadOnlySet<ImagePath>? ignored = null)
    {
        var tar = new MemoryStream();
        using var builder = new LayerBuilder(tar, null);
        var options = new UpperOptions { Flavor = OverlayFlavor.User, Ignored = ignored ?? new HashSet<ImagePath>() };
        var result = UpperDirectory.WriteLayer(_folder.File("upper"), lower, builder, options, TestContext.Current.CancellationToken);
        builder.Complete();
        var index = Index(tar.ToArray());
        return ([.. Enumerable.Range(0, index.Count).Select(i => $"{index[i].Path} {index[i].Kind}")], result);
    }
}
