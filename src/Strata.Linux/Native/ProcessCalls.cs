using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>libc's calls on processes. posix_spawn and its kin return the error number instead of setting errno.</summary>
internal static partial class ProcessCalls
{
    internal const short POSIX_SPAWN_SETPGROUP = 0x02;
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04;
    internal const short POSIX_SPAWN_SETSIGMASK = 0x08;
    internal const short POSIX_SPAWN_SETSID = 0x80;
    internal const int P_PIDFD = 3;
    internal const int WEXITED = 4;
    internal const short POLLIN = 1;
    internal const short POLLOUT = 4;
    internal const int O_CLOEXEC = OpenFlags.O_CLOEXEC;
    internal const int PR_SET_CHILD_SUBREAPER = 36;
    internal const nint SYS_pidfd_send_signal = 424;
    internal const nint SYS_pidfd_open = 434;

    private const string C = "libc";

    [LibraryImport(C)]
    internal static unsafe partial int posix_spawn(
        out int pid, ReadOnlySpan<byte> path, Span<byte> actions, Span<byte> attributes, byte** arguments, byte** environment);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int setenv(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int overwrite);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_init(Span<byte> actions);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_destroy(Span<byte> actions);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_adddup2(Span<byte> actions, int descriptor, int target);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_addclose(Span<byte> actions, int descriptor);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_addopen(
        Span<byte> actions, int descriptor, ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_addchdir_np(Span<byte> actions, ReadOnlySpan<byte> path);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_addclosefrom_np(Span<byte> actions, int from);

    [LibraryImport(C)]
    internal static partial int posix_spawn_file_actions_addtcsetpgrp_np(Span<byte> actions, int terminal);

    [LibraryImport(C)]
    internal static partial int posix_spawnattr_init(Span<byte> attributes);

    [LibraryImport(C)]
    internal static partial int posix_spawnattr_destroy(Span<byte> attributes);

    [LibraryImport(C)]
    internal static partial int posix_spawnattr_setflags(Span<byte> attributes, short flags);

    [LibraryImport(C)]
    internal static partial int posix_spawnattr_setpgroup(Span<byte> attributes, int group);

    [LibraryImport(C)]
    internal static partial int posix_spawnattr_setsigdefault(Span<byte> attributes, ReadOnlySpan<byte> signals);

    [LibraryImport(C)]
    internal static partial int posix_spawnattr_setsigmask(Span<byte> attributes, ReadOnlySpan<byte> signals);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int waitid(int idType, SafeHandle process, out SignalInfo information, int options);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int poll(Span<PollDescriptor> descriptors, ulong count, int milliseconds);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int pipe2(Span<int> descriptors, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int prctl(int option, nuint argument, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint pidfd_open(nint number, int pid, uint flags);

    [LibraryImport(C, SetLastError = true, EntryPoint = "syscall")]
    internal static partial nint pidfd_send_signal(nint number, SafeHandle process, int signal, nint information, uint flags);

    [LibraryImport(C)]
    internal static partial uint geteuid();

    [LibraryImport(C)]
    internal static partial uint getegid();

    [LibraryImport(C, SetLastError = true)]
    internal static partial int capget(ref CapabilityHeader header, Span<CapabilityData> data);

    /// <summary>The part of siginfo_t that waitid(2) fills.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct SignalInfo
    {
        [FieldOffset(8)] internal int Code;
        [FieldOffset(16)] internal int ProcessId;
        [FieldOffset(24)] internal int Status;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    /// <summary>struct __user_cap_header_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityHeader
    {
        internal uint Version;
        internal int ProcessId;
    }

    /// <summary>struct __user_cap_data_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityData
    {
        internal uint Effective;
        internal uint Permitted;
        internal uint Inheritable;
    }
}
