using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// libc's calls on files. Every path is a span that ends in a NUL byte. openat2 and fchmodat2 have no wrapper in
/// glibc 2.36 and go through syscall(2); their numbers are the same on every architecture.
/// </summary>
internal static partial class FileCalls
{
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_REMOVEDIR = 0x200;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint RENAME_NOREPLACE = 1;
    internal const ulong RESOLVE_NO_XDEV = 0x01;
    internal const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    internal const ulong RESOLVE_NO_SYMLINKS = 0x04;
    internal const ulong RESOLVE_IN_ROOT = 0x10;
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint STATX_MNT_ID = 0x1000;
    internal const int LOCK_SH = 1;
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;
    internal const int LOCK_UN = 8;
    internal const uint SYNC_FILE_RANGE_WRITE = 2;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const nint SYS_openat2 = 437;
    internal const nint SYS_fchmodat2 = 452;

    /// <summary>AT_FDCWD as a handle, for the calls that take a directory.</summary>
    internal static readonly SafeFileHandle WorkingDirectory = new(-100, ownsHandle: false);

    private const string C = "libc";

    [LibraryImport(C, SetLastError = true)]
    internal static partial int openat(SafeHandle directory, ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint openat2(nint number, SafeHandle directory, ReadOnlySpan<byte> path, ref OpenHow how, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int statx(SafeHandle directory, ReadOnlySpan<byte> path, int flags, uint mask, out StatxBuffer status);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int statfs(ReadOnlySpan<byte> path, out StatfsBuffer status);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint getdents64(SafeHandle directory, Span<byte> buffer, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int mkdirat(SafeHandle directory, ReadOnlySpan<byte> path, uint mode);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int mknodat(SafeHandle directory, ReadOnlySpan<byte> path, uint mode, ulong device);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int symlinkat(ReadOnlySpan<byte> target, SafeHandle directory, ReadOnlySpan<byte> path);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int linkat(
        SafeHandle fromDirectory, ReadOnlySpan<byte> from, SafeHandle toDirectory, ReadOnlySpan<byte> to, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint readlinkat(SafeHandle directory, ReadOnlySpan<byte> path, Span<byte> buffer, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int unlinkat(SafeHandle directory, ReadOnlySpan<byte> path, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int renameat2(
        SafeHandle fromDirectory, ReadOnlySpan<byte> from, SafeHandle toDirectory, ReadOnlySpan<byte> to, uint flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fchownat(SafeHandle directory, ReadOnlySpan<byte> path, uint user, uint group, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fchmod(SafeHandle file, uint mode);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fchmodat(SafeHandle directory, ReadOnlySpan<byte> path, uint mode, int flags);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint fchmodat2(nint number, SafeHandle directory, ReadOnlySpan<byte> path, uint mode, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int utimensat(SafeHandle directory, ReadOnlySpan<byte> path, ReadOnlySpan<TimeSpec> times, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int futimens(SafeFileHandle file, ReadOnlySpan<TimeSpec> times);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fchown(SafeFileHandle file, uint user, uint group);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint llistxattr(ReadOnlySpan<byte> path, Span<byte> list, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint lgetxattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, nint size);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int lsetxattr(
        ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, nint size, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int lremovexattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int sync_file_range(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fsync(SafeHandle file);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int syncfs(SafeHandle file);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fallocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int flock(SafeHandle file, int operation);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int dup2(SafeHandle file, int target);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int fcntl(SafeHandle file, int command, int argument);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint read(SafeHandle file, Span<byte> buffer, nint count);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint write(SafeHandle file, ReadOnlySpan<byte> buffer, nint count);
}
