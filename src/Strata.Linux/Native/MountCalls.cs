using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>
/// libc's calls on mounts. The new mount API goes through syscall(2): glibc 2.36 is the first to wrap it, and the
/// numbers are the same on every architecture. Paths end in a NUL byte.
/// </summary>
internal static partial class MountCalls
{
    internal const ulong MS_RDONLY = 1;
    internal const ulong MS_NOSUID = 2;
    internal const ulong MS_NODEV = 4;
    internal const ulong MS_NOEXEC = 8;
    internal const ulong MS_REC = 16384;
    internal const ulong MS_PRIVATE = 1 << 18;
    internal const int MNT_DETACH = 2;
    internal const int UMOUNT_NOFOLLOW = 8;
    internal const uint FSOPEN_CLOEXEC = 1;
    internal const uint FSMOUNT_CLOEXEC = 1;
    internal const uint FSCONFIG_SET_FLAG = 0;
    internal const uint FSCONFIG_SET_STRING = 1;
    internal const uint FSCONFIG_CMD_CREATE = 6;
    internal const uint MOVE_MOUNT_F_EMPTY_PATH = 4;
    internal const uint OPEN_TREE_CLONE = 1;
    internal const uint AT_RECURSIVE = 0x8000;
    internal const ulong MOUNT_ATTR_RDONLY = 1;
    internal const ulong MOUNT_ATTR_NODEV = 4;
    internal const nint SYS_open_tree = 428;
    internal const nint SYS_move_mount = 429;
    internal const nint SYS_fsopen = 430;
    internal const nint SYS_fsconfig = 431;
    internal const nint SYS_fsmount = 432;
    internal const nint SYS_mount_setattr = 442;

    private const string C = "libc";

    [LibraryImport(C, SetLastError = true)]
    internal static partial int mount(
        ReadOnlySpan<byte> source, ReadOnlySpan<byte> target, ReadOnlySpan<byte> type, ulong flags, ReadOnlySpan<byte> data);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int umount2(ReadOnlySpan<byte> target, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int unshare(int flags);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint fsopen(nint number, ReadOnlySpan<byte> type, uint flags);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint fsconfig(
        nint number, SafeHandle context, uint command, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int auxiliary);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint fsmount(nint number, SafeHandle context, uint flags, uint attributes);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint open_tree(nint number, SafeHandle directory, ReadOnlySpan<byte> path, uint flags);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint mount_setattr(
        nint number, SafeHandle directory, ReadOnlySpan<byte> path, uint flags, ref MountAttributes attributes, nint size);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint move_mount(
        nint number, SafeHandle fromDirectory, ReadOnlySpan<byte> from, SafeHandle toDirectory, ReadOnlySpan<byte> to, uint flags);

    /// <summary>struct mount_attr of mount_setattr(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MountAttributes
    {
        internal ulong Set;
        internal ulong Clear;
        internal ulong Propagation;
        internal ulong UserNamespace;
    }
}
