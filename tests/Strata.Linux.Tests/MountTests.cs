namespace Strata.Linux.Tests;

public sealed class MountTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(OverlayFlavor.Trusted, true)]
    [InlineData(OverlayFlavor.Trusted, false)]
    [InlineData(OverlayFlavor.User, true)]
    [InlineData(OverlayFlavor.User, false)]
    public void An_overlay_shows_the_topmost_and_keeps_changes_apart(OverlayFlavor flavor, bool byParts) => Privileged.InPrivateMounts(() =>
    {
        var lowers = Layers(3);
        Mount("merged", lowers, ("upper", "work"), flavor, byParts);
        Assert.Equal("2", File.ReadAllText(_host["merged/same"]));
        Assert.Equal("0", File.ReadAllText(_host["merged/own0"]));
        File.WriteAllText(_host["merged/same"], "changed");
        File.Delete(_host["merged/own1"]);

        Assert.Equal("changed", File.ReadAllText(_host["upper/same"]));
        Assert.Equal("2", File.ReadAllText(_host["layer2/same"]));
        Assert.Equal(FileKind.CharacterDevice, HostFile.Status(_host["upper/own1"], follow: false)!.Value.Kind);
        Assert.Equal("overlay", HostFile.FileSystemType(_host["merged"]));
        Mounts.Unmount(_host["merged"], detach: false);
        Assert.Empty(Directory.GetFileSystemEntries(_host["merged"]));
    });

    [Theory]
    [InlineData(true, 300)]
    [InlineData(false, 120)]
    public void Many_layers_with_long_paths_are_all_there(bool byParts, int count) => Privileged.InPrivateMounts(() =>
    {
        Mounts.Tmpfs(_host.Path, "size=64m");
        var lowers = Layers(count, "a-directory-with-a-name-long-enough-to-fill-a-page-of-options-soon-");
        Mount("merged", lowers, ("upper", "work"), OverlayFlavor.Trusted, byParts);
        Assert.Equal(count + 1, Directory.GetFiles(_host["merged"]).Length);
        Assert.Equal("0", File.ReadAllText(_host["merged/own0"]));
        File.WriteAllText(_host["merged/new"], "");
        Assert.True(File.Exists(_host["upper/new"]));
    });

    [Fact]
    public void More_layers_than_the_options_hold_are_refused_not_cut_off() => Privileged.InPrivateMounts(() =>
    {
        var lowers = Layers(400);
        var failure = Assert.Throws<LinuxException>(() => Mount("merged", lowers, ("upper", "work"), OverlayFlavor.Trusted, byParts: false));
        Assert.Contains("400 layers are more than this kernel takes", failure.Message, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Names_with_the_options_own_punctuation_are_fine(bool byParts) => Privileged.InPrivateMounts(() =>
    {
        var lowers = Layers(2, @"a:b,c\d=");
        Mount(@"mer,ged:", lowers, (@"up,per:\", "work,:"), OverlayFlavor.Trusted, byParts);
        Assert.Equal("1", File.ReadAllText(_host["mer,ged:/same"]));
        File.WriteAllText(_host["mer,ged:/new"], "");
        Assert.True(File.Exists(_host[@"up,per:\/new"]));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Without_an_upper_directory_nothing_can_be_written(int layers) => Privileged.InPrivateMounts(() =>
    {
        Directory.CreateDirectory(_host["merged"]);
        Mounts.Overlay(_host["merged"], Layers(layers), null, null, OverlayFlavor.Trusted);
        Assert.Equal("0", File.ReadAllText(_host["merged/own0"]));
        Assert.Throws<IOException>(() => File.WriteAllText(_host["merged/new"], ""));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Device_nodes_of_layers_cannot_be_opened(bool byParts) => Privileged.InPrivateMounts(() =>
    {
        Mounts.Tmpfs(_host.Path, "size=1m");
        var lowers = Layers(2);
        Mount("merged", lowers, ("upper", "work"), OverlayFlavor.Trusted, byParts);
        Assert.Contains("nodev", OptionsOf("merged"), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Device_nodes_can_be_opened_only_when_asked_for(int layers) => Privileged.InPrivateMounts(() =>
    {
        var lowers = Layers(layers);
        using (var layer = RootedDirectory.Open(lowers[0]))
        {
            layer.MakeNode("null"u8, FileKind.CharacterDevice, 0x1B6, 1, 3); // 0666
        }

        Directory.CreateDirectory(_host["without"]);
        Directory.CreateDirectory(_host["with"]);
        Mounts.Overlay(_host["without"], lowers, null, null, OverlayFlavor.Trusted);
        Mounts.Overlay(_host["with"], lowers, null, null, OverlayFlavor.Trusted, devices: true);
        Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes(_host["without/null"]));
        Assert.Empty(File.ReadAllBytes(_host["with/null"]));
    });

    private string OptionsOf(string name) => Assert.Single(Mounts.List(), mount => mount.MountPoint == _host[name]).Options;

    [Fact]
    public void A_refused_overlay_says_what_the_kernel_said() => Privileged.InPrivateMounts(() =>
    {
        Directory.CreateDirectory(_host["merged"]);
        var missing = Assert.Throws<LinuxException>(
            () => Mounts.Overlay(_host["merged"], [_host["missing"], _host["merged"]], null, null, OverlayFlavor.Trusted));
        Assert.Contains(_host["missing"], missing.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Mounts.Overlay(_host["merged"], [], null, null, OverlayFlavor.Trusted));
    });

    [Fact]
    public void A_read_only_bind_is_so_at_every_depth() => Privileged.InPrivateMounts(() =>
    {
        _host.Write("source/file", "");
        Directory.CreateDirectory(_host["source/inner"]);
        Directory.CreateDirectory(_host["target"]);
        Mounts.Tmpfs(_host["source/inner"], "size=1m");
        Mounts.Bind(_host["source"], _host["target"], recursive: true, readOnly: true);
        Assert.Throws<IOException>(() => File.WriteAllText(_host["target/new"], ""));
        Assert.Throws<IOException>(() => File.WriteAllText(_host["target/inner/new"], ""));
        File.WriteAllText(_host["source/inner/new"], "seen");
        Assert.Equal("seen", File.ReadAllText(_host["target/inner/new"]));
    });

    [Fact]
    public void A_single_file_can_be_bound() => Privileged.InPrivateMounts(() =>
    {
        _host.Write("one", "one");
        _host.Write("two", "two");
        Mounts.Bind(_host["one"], _host["two"], recursive: false, readOnly: false);
        Assert.Equal("one", File.ReadAllText(_host["two"]));
    });

    [Fact]
    public void What_is_mounted_is_listed_for_this_thread_with_its_name_as_it_is() => Privileged.InPrivateMounts(() =>
    {
        Directory.CreateDirectory(_host["with space"]);
        Mounts.Tmpfs(_host["with space"], "size=1m,mode=700");
        var mount = Assert.Single(Mounts.List(), m => m.MountPoint == _host["with space"]);
        Assert.Equal("tmpfs", mount.FileSystemType);
        Assert.Contains("nosuid", mount.Options, StringComparison.Ordinal);
        Assert.Equal((ulong)mount.Id, HostFile.Status(_host["with space"], follow: false)!.Value.MountId);
        Mounts.Unmount(_host["with space"], detach: true);
        Assert.DoesNotContain(Mounts.List(), m => m.MountPoint == _host["with space"]);
    });

    [Fact]
    public void Unmounting_what_is_not_mounted_is_an_error()
    {
        Privileged.Require();
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => Mounts.Unmount(_host.Path, detach: false)).Errno);
    }

    [Fact]
    public void Private_mounts_are_not_seen_outside()
    {
        Directory.CreateDirectory(_host["here"]);
        Privileged.InPrivateMounts(() => Mounts.Proc(_host["here"]));
        Assert.Empty(Directory.GetFileSystemEntries(_host["here"]));
        Assert.DoesNotContain(Mounts.List(), m => m.MountPoint == _host["here"]);
    }

    [Theory]
    [InlineData("36 35 98:0 /a\\040b /mnt\\134x rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue", "/a b", "/mnt\\x", "ext3")]
    [InlineData("36 35 98:0 / / rw - tmpfs none rw", "/", "/", "tmpfs")]
    public void Lines_of_the_mount_table_are_read(string line, string root, string point, string type)
    {
        var mount = MountTable.Parse(line)!;
        Assert.Equal((36, 35, root, point, type), (mount.Id, mount.ParentId, mount.Root, mount.MountPoint, mount.FileSystemType));
    }

    [Theory]
    [InlineData("")]
    [InlineData("36 35 98:0 / / rw")]
    [InlineData("x 35 98:0 / / rw - tmpfs none rw")]
    public void Other_lines_are_passed_over(string line) => Assert.Null(MountTable.Parse(line));

    private List<string> Layers(int count, string prefix = "layer")
    {
        var layers = new List<string>();
        for (var i = count - 1; i >= 0; i--)
        {
            _host.Write($"{prefix}{i}/same", $"{i}");
            _host.Write($"{prefix}{i}/own{i}", $"{i}");
            layers.Add(_host[$"{prefix}{i}"]);
        }
        return layers;
    }

    private void Mount(string target, List<string> lowers, (string Upper, string Work) writable, OverlayFlavor flavor, bool byParts)
    {
        foreach (var name in (string[])[target, writable.Upper, writable.Work])
        {
            Directory.CreateDirectory(_host[name]);
        }

        using var overlay = new OverlayMount(_host[target], lowers, (_host[writable.Upper], _host[writable.Work]), flavor);
        if (!byParts)
        {
            overlay.MountByOptions();
        }
        else
        {
            Assert.SkipUnless(overlay.TryMountByParts(), "needs Linux 6.7 for lowerdir+");
        }
    }
}
