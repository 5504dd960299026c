using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>A local socket on which another process hands over an open descriptor: the console socket of an OCI runtime.</summary>
public sealed class DescriptorListener : IDisposable
{
    // The descriptor comes with some bytes that name it.
    private const int NameSize = 4096;

    // sun_path of sockaddr_un.
    private const int LongestPath = 108;

    private readonly SafeFileHandle _socket;

    private DescriptorListener(SafeFileHandle socket) => _socket = socket;

    /// <param name="directory">Of any length: the socket is reached through a descriptor of it.</param>
    /// <param name="name">New in the directory, short.</param>
    public static DescriptorListener Create(string directory, string name)
    {
        using var parent = HostFile.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        var path = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{parent.DangerousGetHandle()}/{name}"));
        if (path.Length >= LongestPath)
        {
            throw new LinuxException(Errno.ENAMETOOLONG, "bind", name);
        }

        Span<byte> address = stackalloc byte[2 + LongestPath];
        address.Clear();
        address[0] = SocketCalls.AF_UNIX;
        path.CopyTo(address[2..]);
        var descriptor = SocketCalls.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_STREAM | SocketCalls.SOCK_CLOEXEC, 0);
        if (descriptor < 0)
        {
            throw Failure.Of("socket");
        }

        var socket = new SafeFileHandle(descriptor, ownsHandle: true);
        if (SocketCalls.bind(socket, address, (uint)address.Length) == 0 && SocketCalls.listen(socket, 1) == 0)
        {
            return new DescriptorListener(socket);
        }

        var failure = Failure.Of("bind", Path.Combine(directory, name));
        socket.Dispose();
        throw failure;
    }

    /// <summary>Waits until somebody connects and sends; null when it sent no descriptor.</summary>
    public unsafe SafeFileHandle? Receive()
    {
        var accepted = SocketCalls.accept4(_socket, 0, 0, SocketCalls.SOCK_CLOEXEC);
        if (accepted < 0)
        {
            throw Failure.Of("accept");
        }

        using var connection = new SafeFileHandle(accepted, ownsHandle: true);
        var name = stackalloc byte[NameSize];
        var part = new SocketCalls.Part { Start = name, Length = NameSize };
        var control = default(SocketCalls.DescriptorMessage);
        var message = new SocketCalls.MessageHeader
        {
            Parts = &part,
            PartCount = 1,
            Control = &control,
            ControlLength = (nuint)sizeof(SocketCalls.DescriptorMessage),
        };
        while (SocketCalls.recvmsg(connection, ref message, SocketCalls.MSG_CMSG_CLOEXEC) < 0)
        {
            if (Failure.Number != Errno.EINTR)
            {
                throw Failure.Of("recvmsg");
            }
        }
        return message.ControlLength >= 20 && control is { Level: SocketCalls.SOL_SOCKET, Type: SocketCalls.SCM_RIGHTS }
            ? new SafeFileHandle(control.Descriptor, ownsHandle: true)
            : null;
    }

    public void Dispose() => _socket.Dispose();
}
