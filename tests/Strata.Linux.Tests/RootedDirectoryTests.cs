using System.Text;

namespace Strata.Linux.Tests;

public sealed class RootedDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();
    private readonly RootedDirectory _root;

    public RootedDirectoryTests() => _root = RootedDirectory.Open(_host.Path);

    public void Dispose()
    {
        _root.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Modes_are_exactly_those_asked_for_whatever_the_umask()
    {
        _root.CreateFile("file"u8, 0xFFF & ~0x400u).Dispose();
        _root.MakeDirectory("directory"u8, 0xFFF);
        _root.MakeNode("fifo"u8, FileKind.Fifo, 0x1B6, 0, 0);

        Assert.Equal(0xFFFu & ~0x400u, _root.Status("file"u8)!.Value.Mode);
        Assert.Equal(0xFFFu, _root.Status("directory"u8)!.Value.Mode);
        Assert.Equal((FileKind.Fifo, 0x1B6u), (_root.Status("fifo"u8)!.Value.Kind, _root.Status("fifo"u8)!.Value.Mode));
    }

    [Fact]
    public void What_is_not_there_has_no_status()
    {
        _host.Write("file", "");
        Assert.Null(_root.Status("missing"u8));
        Assert.Null(_root.Status("missing/below"u8));
        Assert.Null(_root.Status("file/below"u8));
        Assert.Null(_root.Status("missing/below"u8, followLast: true));
    }

    [Fact]
    public void Failures_name_the_call_the_path_and_the_reason()
    {
        var failure = Assert.Throws<LinuxException>(() => _root.MakeDirectory("no/such"u8, 0x1ED));
        Assert.Equal(Errno.ENOENT, failure.Errno);
        Assert.Equal("openat2 no/such: No such file or directory (ENOENT)", failure.Message);

        _host.Write("file", "");
        Assert.Equal(
            "mkdirat file: File exists (EEXIST)",
            Assert.Throws<LinuxException>(() => _root.MakeDirectory("file"u8, 0x1ED)).Message);
    }

    [Fact]
    public void A_name_that_would_act_on_a_terminal_is_shown_harmlessly()
    {
        var failure = Assert.Throws<LinuxException>(() => _root.OpenRead("a\u001b[2J"u8));
        Assert.StartsWith(@"openat a\x1b[2J:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_need_not_be_text()
    {
        byte[] name = [0xff, 0x80, (byte)'x'];
        _root.CreateFile(name, 0x1A4).Dispose();
        Assert.Equal(name, Assert.Single(_root.List(""u8)).Name);
        Assert.Equal(FileKind.Regular, _root.Status(name)!.Value.Kind);
    }

    [Fact]
    public void A_NUL_byte_in_a_path_does_not_shorten_it()
    {
        _host.Write("secret", "");
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => _root.OpenRead("secret\0.txt"u8)).Errno);
    }

    [Fact]
    public void A_name_longer_than_the_kernel_takes_is_refused()
    {
        var name = Encoding.ASCII.GetBytes(new string('n', 256));
        Assert.Equal(Errno.ENAMETOOLONG, Assert.Throws<LinuxException>(() => _root.Status(name)).Errno);
        _root.CreateFile(name.AsSpan(0, 255), 0x1A4).Dispose();
    }

    [Fact]
    public void Links_are_made_and_read_as_they_are()
    {
        byte[] target = [(byte)'/', 0xfe, (byte)'.', (byte)'.'];
        _root.MakeSymbolicLink(target, "link"u8);
        Assert.Equal(target, _root.ReadLink("link"u8));
        _root.MakeHardLink("link"u8, "other"u8);
        Assert.Equal(2u, _root.Status("other"u8)!.Value.LinkCount);
        Assert.Equal(FileKind.SymbolicLink, _root.Status("other"u8)!.Value.Kind);
    }

    [Fact]
    public void Times_of_a_link_are_its_own_and_may_lie_before_1970()
    {
        _host.Write("file", "");
        _root.MakeSymbolicLink("file"u8, "link"u8);
        _root.SetTimes("link"u8, new FileTime(-5, 123_456_789));
        Assert.Equal(new FileTime(-5, 123_456_789), _root.Status("link"u8)!.Value.Modified);
        Assert.NotEqual(new FileTime(-5, 123_456_789), _root.Status("file"u8)!.Value.Modified);
    }

    [Fact]
    public void The_mode_of_a_link_cannot_be_set_and_its_target_is_left_alone()
    {
        _host.Write("file", "");
        _root.SetMode("file"u8, 0x180);
        _root.MakeSymbolicLink("file"u8, "link"u8);
        Assert.Equal(Errno.EOPNOTSUPP, Assert.Throws<LinuxException>(() => _root.SetMode("link"u8, 0x1FF)).Errno);
        Assert.Equal(0x180u, _root.Status("file"u8)!.Value.Mode);
    }

    [Fact]
    public void The_root_itself_is_the_empty_path()
    {
        _root.SetMode(""u8, 0x1C0);
        _root.SetTimes(""u8, new FileTime(7, 0));
        Assert.Equal((FileKind.Directory, 0x1C0u), (_root.Status(""u8)!.Value.Kind, _root.Status(""u8)!.Value.Mode));
        Assert.Equal(7, HostFile.Status(_host.Path, follow: false)!.Value.Modified.Seconds);
        Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => _root.MakeDirectory(""u8, 0x1ED)).Errno);
    }

    [Fact]
    public void A_listing_is_in_byte_order()
    {
        foreach (var name in (string[])["b", "a.b", "a", "Z", "ä"])
        {
            _host.Write(name, "");
        }

        Directory.CreateDirectory(_host["a-"]);
        var entries = _root.List(""u8);
        Assert.Equal(["Z", "a", "a-", "a.b", "b", "ä"], entries.Select(e => Encoding.UTF8.GetString(e.Name)));
        Assert.Equal(FileKind.Directory, entries[2].Kind);
    }

    [Fact]
    public async Task Opening_a_fifo_for_reading_is_refused_and_does_not_wait()
    {
        _root.MakeNode("fifo"u8, FileKind.Fifo, 0x1B6, 0, 0);
        var failure = await Task.Run(() => Assert.Throws<LinuxException>(() => _root.OpenRead("fifo"u8)))
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Contains("it is a Fifo", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_and_owners_are_set_as_root()
    {
        Privileged.Require();
        _root.MakeNode("null"u8, FileKind.CharacterDevice, 0x1B6, 1, 3);
        _root.MakeNode("large"u8, FileKind.BlockDevice, 0x180, 4095, 1_048_575);
        _root.MakeSymbolicLink("null"u8, "link"u8);
        _root.SetOwner("link"u8, 70_000, 4_000_000_000);
        var (small, large, link) = (_root.Status("null"u8)!.Value, _root.Status("large"u8)!.Value, _root.Status("link"u8)!.Value);
        Assert.Equal((FileKind.CharacterDevice, 1u, 3u), (small.Kind, small.RDevMajor, small.RDevMinor));
        Assert.Equal((FileKind.BlockDevice, 4095u, 1_048_575u), (large.Kind, large.RDevMajor, large.RDevMinor));
        Assert.Equal((70_000u, 4_000_000_000u), (link.UserId, link.GroupId));
        Assert.Equal(0u, small.UserId);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => _root.OpenRead("null"u8)).Errno);
    }

    [Fact]
    public void A_cursor_notices_when_the_way_to_its_parent_changes()
    {
        using var cursor = _root.OpenCursor();
        cursor.MakeDirectory("one"u8, 0x1ED);
        cursor.MakeDirectory("two"u8, 0x1ED);
        cursor.MakeSymbolicLink("one"u8, "way"u8);
        cursor.CreateFile("way/first"u8, 0x1A4).Dispose();
        cursor.RemoveFile("way"u8);
        cursor.MakeSymbolicLink("two"u8, "way"u8);
        cursor.CreateFile("way/second"u8, 0x1A4).Dispose();
        cursor.Rename("two"u8, "three"u8);
        Assert.Null(cursor.Status("way/second"u8));
        cursor.MakeDirectory("two"u8, 0x1ED);
        cursor.CreateFile("two/third"u8, 0x1A4).Dispose();
        cursor.RemoveTree("two"u8);
        Assert.Null(cursor.Status("two/third"u8));

        Assert.True(File.Exists(_host["one/first"]));
        Assert.True(File.Exists(_host["three/second"]));
    }

    [Fact]
    public void A_cursor_does_all_that_the_root_does_with_one_resolution_a_directory()
    {
        using var cursor = _root.OpenCursor();
        cursor.MakeDirectory("a"u8, 0x1ED);
        cursor.MakeDirectory("a/b"u8, 0x1ED);
        for (var i = 0; i < 1000; i++)
        {
            var path = Encoding.ASCII.GetBytes($"a/b/file{i}");
            cursor.CreateFile(path, 0x1A4).Dispose();
            cursor.SetTimes(path, new FileTime(i, 0));
        }
        cursor.MakeHardLink("a/b/file1"u8, "a/twin"u8);
        Assert.Equal(1000, _root.List("a/b"u8).Count);
        Assert.Equal(999, _root.Status("a/b/file999"u8)!.Value.Modified.Seconds);
        Assert.Equal(2u, _root.Status("a/b/file1"u8)!.Value.LinkCount);
    }
}
