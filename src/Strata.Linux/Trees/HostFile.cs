using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>Single files of the host, by ordinary paths.</summary>
public static class HostFile
{
    /// <summary>Null where there is nothing (ENOENT, ENOTDIR).</summary>
    public static FileStatus? Status(string path, bool follow) =>
        FileStatus.At(FileCalls.WorkingDirectory, NativePath.Of(path), follow ? 0 : FileCalls.AT_SYMLINK_NOFOLLOW);

    public static FileStatus Status(SafeFileHandle h) =>
        FileStatus.At(h, "\0"u8, FileCalls.AT_EMPTY_PATH) ?? throw Failure.Of("statx");

    /// <summary>Removes a file or a directory with all below it; nothing there is no error. Follows no link, stops at mount points.</summary>
    public static void RemoveTree(string path)
    {
        var trimmed = System.IO.Path.TrimEndingDirectorySeparator(path);
        using var parent = TryOpenAt(FileCalls.WorkingDirectory, NativePath.Of(DirectoryOf(trimmed)), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
        if (parent is not null)
        {
            try
            {
                TreeRemoval.Run(parent, NativePath.Of(System.IO.Path.GetFileName(trimmed)));
            }
            catch (LinuxException e)
            {
                throw e.Removing(trimmed);
            }
        }
        else if (Failure.Number is not (Errno.ENOENT or Errno.ENOTDIR))
        {
            throw Failure.Of("openat", path);
        }
    }

    /// <summary>"ext4", "xfs", "tmpfs"…; a number in hexadecimal where the type has no common name; null where there is nothing.</summary>
    public static string? FileSystemType(string path)
    {
        if (FileCalls.statfs(NativePath.Of(path), out var status) == 0)
        {
            return FileSystemNames.Of(status.Type);
        }

        return Failure.Number is Errno.ENOENT or Errno.ENOTDIR ? null : throw Failure.Of("statfs", path);
    }

    /// <summary>What an ordinary user may still write on the file system of <paramref name="path"/>.</summary>
    public static long FreeBytes(string path)
    {
        if (FileCalls.statfs(NativePath.Of(path), out var status) < 0)
        {
            throw Failure.Of("statfs", path);
        }

        return (long)status.BlocksAvailable * status.FragmentSize;
    }

    /// <summary>
    /// Makes the file at least so long, with space on the disk for every byte. False where the file system can't promise that.
    /// </summary>
    public static bool Allocate(SafeFileHandle file, long length)
    {
        while (FileCalls.fallocate(file, 0, 0, length) < 0)
        {
            if (Failure.Number is Errno.EOPNOTSUPP or Errno.ENOSYS)
            {
                return false;
            }

            if (Failure.Number != Errno.EINTR)
            {
                throw Failure.Of("fallocate");
            }
        }
        return true;
    }

    /// <summary>Appends all the bytes to a file that was just made. Cheaper than RandomAccess, which asks what it writes to first.</summary>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var written = FileCalls.write(file, bytes, bytes.Length);
            if (written < 0 && Failure.Number != Errno.EINTR)
            {
                throw Failure.Of("write");
            }

            bytes = bytes[(int)Math.Max(written, 0)..];
        }
    }

    public static void SetOwner(SafeFileHandle file, uint user, uint group)
    {
        if (FileCalls.fchown(file, user, group) < 0)
        {
            throw Failure.Of("fchown");
        }
    }

    public static void SetMode(SafeFileHandle file, uint mode)
    {
        if (FileCalls.fchmod(file, mode) < 0)
        {
            throw Failure.Of("fchmod");
        }
    }

    /// <summary>Sets the time of modification and of access to the same value.</summary>
    public static void SetTimes(SafeFileHandle file, FileTime modified)
    {
        var time = new TimeSpec { Seconds = modified.Seconds, Nanoseconds = modified.Nanoseconds };
        if (FileCalls.futimens(file, [time, time]) < 0)
        {
            throw Failure.Of("futimens");
        }
    }

    internal static SafeFileHandle Open(string path, int flags, uint mode = 0) =>
        TryOpenAt(FileCalls.WorkingDirectory, NativePath.Of(path), flags, mode) ?? throw Failure.Of("open", path);

    internal static SafeFileHandle OpenAt(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags, uint mode, ReadOnlySpan<byte> displayed) =>
        TryOpenAt(directory, name, flags, mode) ?? throw Failure.Of("openat", displayed);

    /// <summary>Null when it cannot be opened; <see cref="Failure.Number"/> then tells why. The name ends in a NUL byte.</summary>
    internal static SafeFileHandle? TryOpenAt(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags, uint mode)
    {
        while (true)
        {
            var descriptor = FileCalls.openat(directory, name, flags | OpenFlags.O_CLOEXEC, mode);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            if (Failure.Number != Errno.EINTR)
            {
                return null;
            }
        }
    }

    /// <summary>What the kernel says an open file is called, for messages; null where there is no /proc.</summary>
    internal static string? NameOf(SafeFileHandle file) =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}")).LinkTarget;

    /// <summary>Another descriptor of the same open file.</summary>
    internal static SafeFileHandle Duplicate(SafeFileHandle file)
    {
        var descriptor = FileCalls.fcntl(file, FileCalls.F_DUPFD_CLOEXEC, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure.Of("fcntl");
    }

    /// <summary>Takes the handle: gives it back when it is a regular file or a directory, else closes it and throws.</summary>
    internal static SafeFileHandle RefuseSpecial(SafeFileHandle file, ReadOnlySpan<byte> displayed)
    {
        var kind = Status(file).Kind;
        if (kind is FileKind.Regular or FileKind.Directory)
        {
            return file;
        }

        file.Dispose();
        throw new LinuxException(Errno.EINVAL, "open", NativePath.Display(displayed), $"it is a {kind}, not a file with content");
    }

    internal static byte[] ReadLinkAt(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> displayed)
    {
        // PATH_MAX: no link's target is longer.
        Span<byte> buffer = stackalloc byte[4096];
        var length = FileCalls.readlinkat(directory, name, buffer, buffer.Length);
        return length >= 0 ? buffer[..(int)length].ToArray() : throw Failure.Of("readlinkat", displayed);
    }

    internal static string DirectoryOf(string path)
    {
        var directory = System.IO.Path.GetDirectoryName(path);
        return directory switch
        {
            null => "/",
            "" => ".",
            _ => directory,
        };
    }
}
