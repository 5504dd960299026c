using Microsoft.Win32.SafeHandles;

namespace Strata.Linux.Tests;

public sealed class DurabilityTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_nameless_file_is_written_and_read_and_never_seen_in_its_folder()
    {
        using var folder = new TemporaryDirectory();
        using var file = NamelessFile.Create(folder.Path);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        using (var stream = file.OpenStream())
        {
            stream.Write("content"u8);
        }
        var read = new byte[7];
        Assert.Equal(7, RandomAccess.Read(file.Handle, read, 0));
        Assert.Equal("content"u8.ToArray(), read);
    }

    [Fact]
    public void A_file_appears_whole_with_its_mode_and_leaves_nothing_beside_it()
    {
        Durable.WriteFile(_host["file"], "first"u8);
        Durable.WriteFile(_host["file"], "second"u8, mode: 0x180);
        Assert.Equal("second", File.ReadAllText(_host["file"]));
        Assert.Equal(0x180u, HostFile.Status(_host["file"], follow: false)!.Value.Mode);
        Assert.Equal([_host["file"]], Directory.GetFileSystemEntries(_host.Path));
    }

    [Fact]
    public void A_pending_file_that_is_not_published_is_removed()
    {
        using (var pending = PendingFile.Create(_host.Path))
        {
            Assert.Equal(0x180u, HostFile.Status(pending.Path, follow: false)!.Value.Mode);
            Assert.StartsWith($".tmp-{Environment.ProcessId}-", Path.GetFileName(pending.Path), StringComparison.Ordinal);
        }
        Assert.Empty(Directory.GetFileSystemEntries(_host.Path));
    }

    [Fact]
    public void Publishing_without_replacing_keeps_what_was_first()
    {
        _host.Write("target", "first");
        using (var pending = PendingFile.Create(_host.Path))
        {
            RandomAccess.Write(pending.Handle, "late"u8, 0);
            pending.Publish(_host["target"], replace: false);
        }
        Assert.Equal("first", File.ReadAllText(_host["target"]));
        Assert.Equal([_host["target"]], Directory.GetFileSystemEntries(_host.Path));
    }

    [Fact]
    public void The_stream_of_a_pending_file_leaves_its_handle_open()
    {
        Directory.CreateDirectory(_host["into"]);
        using var pending = PendingFile.Create(_host.Path);
        using (var stream = pending.OpenStream())
        {
            stream.Write("content"u8);
        }

        pending.Publish(_host["into/target"], replace: true);
        Span<byte> read = stackalloc byte[16];
        Assert.Equal(7, RandomAccess.Read(pending.Handle, read, 0));
        Assert.Equal("content", File.ReadAllText(_host["into/target"]));
        Assert.Throws<ObjectDisposedException>(() => pending.Publish(_host["again"], replace: true));
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_and_what_is_being_written_stays()
    {
        using var alive = PendingFile.Create(_host.Path);
        alive.Write("unfinished"u8, 0);
        using var folder = PendingFolder.Create(_host.Path);
        File.WriteAllText(Path.Combine(folder.Path, "x"), "unfinished");
        File.WriteAllText(_host[".tmp-1-0123456789abcdef"], "left");
        Directory.CreateDirectory(_host[".tmp-2-0123456789abcdef/in"]);
        File.WriteAllText(_host[".tmp-1-somebody-else's"], "kept");

        PrivateName.RemoveLeftovers(_host.Path);

        Assert.True(File.Exists(alive.Path));
        Assert.True(Directory.Exists(folder.Path));
        Assert.False(File.Exists(_host[".tmp-1-0123456789abcdef"]));
        Assert.False(Directory.Exists(_host[".tmp-2-0123456789abcdef"]));
        Assert.True(File.Exists(_host[".tmp-1-somebody-else's"]));
        alive.Publish(_host["file"], replace: false);
        folder.Publish(_host["folder"]);
        Assert.Equal("unfinished", File.ReadAllText(_host["folder/x"]));
        Assert.Equal("unfinished", File.ReadAllText(_host["file"]));
    }

    [Fact]
    public void What_is_left_goes_beside_what_cannot_be_opened()
    {
        for (var process = 1; process <= 40; process++)
        {
            // No link is followed: opening one fails.
            File.CreateSymbolicLink(_host[$".tmp-{process}-0123456789abcdef"], "nowhere");
            File.WriteAllText(_host[$".tmp-{process}-0123456789abcde0"], "left");
        }
        PrivateName.RemoveLeftovers(_host.Path);
        Assert.Equal(40, Directory.EnumerateFileSystemEntries(_host.Path, ".tmp-*", new EnumerationOptions { AttributesToSkip = 0 }).Count());
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named_as_its_reader_knows_it()
    {
        var problem = Assert.Throws<LinuxException>(() => Durable.WriteFile(_host["nowhere/config.json"], "x"u8));
        Assert.Equal(_host["nowhere/config.json"], problem.Path);
        Assert.Equal(Errno.ENOENT, problem.Errno);
    }

    [Fact]
    public void Publishing_into_a_folder_that_is_not_there_fails_and_removes_the_file()
    {
        using (var pending = PendingFile.Create(_host.Path))
        {
            Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => pending.Publish(_host["no/target"], replace: false)).Errno);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_host.Path));
    }

    [Fact]
    public void Syncing_what_is_no_file_is_an_error()
    {
        var (read, write) = Pipes.Create();
        using (read)
        using (write)
        {
            Assert.Matches(@"^fsync pipe:\[\d+\]: Invalid argument \(EINVAL\)$", Assert.Throws<LinuxException>(() => Durable.Sync(write)).Message);
        }

        using var bad = new SafeFileHandle(1_000_000, ownsHandle: false);
        Assert.Equal(Errno.EBADF, Assert.Throws<LinuxException>(() => Durable.Sync(bad)).Errno);
    }

    [Fact]
    public void A_write_that_the_disk_refuses_only_at_fsync_is_an_error() => Privileged.InPrivateMounts(() =>
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mkfs.ext4") && File.Exists("/dev/loop-control"), "needs mkfs.ext4 and loop devices");
        // A file system of 64 MB on an image that only 8 MB can be written of.
        Directory.CreateDirectory(_host["small"]);
        Directory.CreateDirectory(_host["disk"]);
        Mounts.Tmpfs(_host["small"], "size=8m");
        Shell.Succeed($"truncate -s 64M {_host["small/image"]} && /usr/sbin/mkfs.ext4 -q -O ^has_journal {_host["small/image"]}");
        Shell.Succeed($"mount -o loop {_host["small/image"]} {_host["disk"]}");
        try
        {
            using var pending = PendingFile.Create(_host["disk"]);
            var piece = new byte[1 << 20];
            Random.Shared.NextBytes(piece);
            for (var i = 0; i < 20; i++)
            {
                RandomAccess.Write(pending.Handle, piece, (long)i << 20);
            }

            var failure = Assert.Throws<LinuxException>(() => pending.Publish(_host["disk/target"], replace: true));
            Assert.True(failure.Errno is Errno.ENOSPC or Errno.EIO, failure.Message);
            Assert.StartsWith("fsync ", failure.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(_host["disk/target"]));
        }
        finally
        {
            Mounts.Unmount(_host["disk"], detach: true);
        }
    });

    [Fact]
    public void File_systems_are_known_by_name()
    {
        Assert.Equal("proc", HostFile.FileSystemType("/proc"));
        Assert.Null(HostFile.FileSystemType(_host["missing"]));
        Assert.True(HostFile.FreeBytes(_host.Path) > 0);
    }
}
