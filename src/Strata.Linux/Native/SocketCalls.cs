using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>Local sockets, only as far as a descriptor is received through one: unix(7), cmsg(3).</summary>
internal static unsafe partial class SocketCalls
{
    internal const int AF_UNIX = 1;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_CLOEXEC = OpenFlags.O_CLOEXEC;
    internal const int SOL_SOCKET = 1;
    internal const int SCM_RIGHTS = 1;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;

    private const string C = "libc";

    [LibraryImport(C, SetLastError = true)]
    internal static partial int socket(int family, int type, int protocol);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int bind(SafeHandle socket, ReadOnlySpan<byte> address, uint length);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int listen(SafeHandle socket, int backlog);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int accept4(SafeHandle socket, nint address, nint length, int flags);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint recvmsg(SafeHandle socket, ref MessageHeader message, int flags);

    /// <summary>struct msghdr of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        internal void* Name;
        internal uint NameLength;
        internal Part* Parts;
        internal nuint PartCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Part
    {
        internal void* Start;
        internal nuint Length;
    }

    /// <summary>struct cmsghdr followed by one descriptor, with its padding.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct DescriptorMessage
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
        internal int Descriptor;
        internal int Padding;
    }
}
