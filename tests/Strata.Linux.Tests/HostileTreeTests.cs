using System.Text;

namespace Strata.Linux.Tests;

/// <summary>Trees made to lead out of their root.</summary>
public sealed class HostileTreeTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();
    private readonly RootedDirectory _root;

    public HostileTreeTests()
    {
        _host.Write("outside/secret", "the host's");
        _host.Write("root/inside/secret", "the image's");
        _root = RootedDirectory.Open(_host["root"]);
    }

    public void Dispose()
    {
        _root.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("../../../../../../../../{tmp}/outside")]
    [InlineData("{tmp}/outside")]
    [InlineData("inside/../../outside")]
    [InlineData("/proc/self/root/{tmp}/outside")]
    public void A_link_as_parent_never_leads_outside(string target)
    {
        var link = target.Replace("{tmp}", _host.Path, StringComparison.Ordinal);
        _root.MakeSymbolicLink(Encoding.UTF8.GetBytes(link), "way"u8);

        Assert.Throws<LinuxException>(() => _root.OpenRead("way/secret"u8));
        Assert.Throws<LinuxException>(() => _root.OpenRead("way/secret"u8, followLast: true));
        Assert.Throws<LinuxException>(() => _root.CreateFile("way/new"u8, 0x1A4));
        Assert.Throws<LinuxException>(() => _root.RemoveFile("way/secret"u8));
        Assert.Throws<LinuxException>(() => _root.MakeHardLink("way/secret"u8, "stolen"u8));
        Assert.Throws<LinuxException>(() => _root.List("way"u8));
        Assert.Equal("the host's", File.ReadAllText(_host["outside/secret"]));
        Assert.Single(Directory.GetFileSystemEntries(_host["outside"]));
    }

    [Theory]
    [InlineData("../outside/secret")]
    [InlineData("inside/../../outside/secret")]
    [InlineData("/../outside/secret")]
    public void Dots_in_the_path_stop_at_the_root(string path)
    {
        var failure = Assert.Throws<LinuxException>(() => _root.OpenRead(Encoding.UTF8.GetBytes(path)));
        Assert.Equal(Errno.ENOENT, failure.Errno);
    }

    [Fact]
    public void An_absolute_link_is_followed_inside_the_root_as_chroot_would()
    {
        _root.MakeSymbolicLink("/inside"u8, "way"u8);
        _root.MakeSymbolicLink("/../../way/secret"u8, "last"u8);
        using (var file = _root.OpenRead("way/secret"u8))
        {
            Assert.Equal("the image's", TemporaryDirectory.ReadAll(file));
        }

        using (var file = _root.OpenRead("last"u8, followLast: true))
        {
            Assert.Equal("the image's", TemporaryDirectory.ReadAll(file));
        }

        Assert.Equal(FileKind.SymbolicLink, _root.Status("last"u8)!.Value.Kind);
        Assert.Equal(FileKind.Regular, _root.Status("last"u8, followLast: true)!.Value.Kind);
    }

    [Fact]
    public void The_last_component_is_never_followed_unless_said()
    {
        _root.MakeSymbolicLink(Encoding.UTF8.GetBytes(_host["outside/secret"]), "last"u8);
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => _root.OpenRead("last"u8)).Errno);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => _root.CreateFile("last"u8, 0x1A4)).Errno);
        _root.SetTimes("last"u8, new FileTime(1, 0));
        Assert.NotEqual(1, HostFile.Status(_host["outside/secret"], follow: false)!.Value.Modified.Seconds);
        _root.RemoveFile("last"u8);
        Assert.True(File.Exists(_host["outside/secret"]));
    }

    [Fact]
    public void Paths_that_end_in_dots_mean_the_directory_itself()
    {
        Assert.Equal(_root.Status(""u8)!.Value.Inode, _root.Status("inside/.."u8)!.Value.Inode);
        Assert.Equal(_root.Status(""u8)!.Value.Inode, _root.Status("../.."u8)!.Value.Inode);
        Assert.Equal(_root.Status("inside"u8)!.Value.Inode, _root.Status("inside/."u8)!.Value.Inode);
        Assert.Throws<LinuxException>(() => _root.Rename("inside/.."u8, "gone"u8));
    }

    [Fact]
    public void Links_in_a_circle_are_an_error()
    {
        _root.MakeSymbolicLink("b"u8, "a"u8);
        _root.MakeSymbolicLink("a"u8, "b"u8);
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => _root.OpenRead("a/x"u8)).Errno);
    }

    [Fact]
    public void Swapping_a_directory_for_a_link_while_paths_are_resolved_never_leads_outside()
    {
        _root.MakeSymbolicLink("../outside"u8, "bait"u8);
        var outside = HostFile.Status(_host["outside/secret"], follow: false)!.Value.Inode;
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _root.Rename("inside"u8, "aside"u8);
                _root.Rename("bait"u8, "inside"u8);
                _root.Rename("inside"u8, "bait"u8);
                _root.Rename("aside"u8, "inside"u8);
            }
        });
        swapper.Start();
        var (found, missed) = (0, 0);
        try
        {
            for (var i = 0; i < 20_000; i++)
            {
                var path = i % 2 == 0 ? "inside/secret"u8 : "inside/../inside/./secret"u8;
                try
                {
                    using var file = _root.OpenRead(path, followLast: i % 4 < 2);
                    Assert.NotEqual(outside, HostFile.Status(file).Inode);
                    found++;
                }
                catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ELOOP or Errno.EAGAIN or Errno.ENOTDIR)
                {
                    missed++;
                }
            }
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }
        Assert.True(found > 0 && missed > 0, $"the race was not met: {found} found, {missed} missed");
    }

    [Fact]
    public void Removing_a_tree_does_not_follow_its_links()
    {
        _root.MakeSymbolicLink("../../outside"u8, "inside/way"u8);
        _root.RemoveTree("inside"u8);
        _root.RemoveTree("inside"u8);
        Assert.Null(_root.Status("inside"u8));
        Assert.True(File.Exists(_host["outside/secret"]));
    }

    [Fact]
    public void Removing_a_tree_stops_where_something_is_mounted() => Privileged.InPrivateMounts(() =>
    {
        Directory.CreateDirectory(_host["root/inside/mount"]);
        Mounts.Bind(_host["outside"], _host["root/inside/mount"], recursive: false, readOnly: false);
        var failure = Assert.Throws<LinuxException>(() => _root.RemoveTree("inside"u8));
        Assert.Contains("unmount it first", failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_host["outside/secret"]));
    });

    [Fact]
    public void A_tree_whose_directories_forbid_it_is_removed_by_its_owner()
    {
        _host.Write("root/inside/closed/below/file", "");
        _root.SetMode("inside/closed/below"u8, 0x16D);
        _root.SetMode("inside/closed"u8, 0);
        _root.RemoveTree("inside"u8);
        Assert.Null(_root.Status("inside"u8));
    }

    [Fact]
    public void The_root_can_be_emptied()
    {
        _root.RemoveTree(""u8);
        Assert.Empty(_root.List(""u8));
        Assert.True(Directory.Exists(_host["root"]));
    }
}
