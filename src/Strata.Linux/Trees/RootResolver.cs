using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>openat2(2) inside a root: links are followed as chroot would, and never out of it.</summary>
internal static class RootResolver
{
    private const ulong InRoot = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;

    // The kernel answers EAGAIN when something was renamed or mounted while it resolved "..": try again, but not for ever.
    private const int Attempts = 4096;

    internal static SafeFileHandle Open(SafeFileHandle root, ReadOnlySpan<byte> path, int flags) =>
        TryOpen(root, path, flags, InRoot) ?? throw NotOpened(path);

    /// <summary>Null when it cannot be opened; <see cref="Failure.Number"/> then tells why.</summary>
    internal static SafeFileHandle? TryOpen(SafeFileHandle root, ReadOnlySpan<byte> path, int flags, ulong resolve = InRoot)
    {
        var terminated = NativePath.Terminate(path.Length == 0 ? "."u8 : path, stackalloc byte[NativePath.StackSize]);
        var how = new OpenHow { Flags = (ulong)(flags | OpenFlags.O_CLOEXEC), Resolve = resolve };
        for (var attempt = 1; ; attempt++)
        {
            var descriptor = FileCalls.openat2(FileCalls.SYS_openat2, root, terminated, ref how, 24);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            if (Failure.Number is not (Errno.EAGAIN or Errno.EINTR) || attempt == Attempts)
            {
                return null;
            }
        }
    }

    internal static LinuxException NotOpened(ReadOnlySpan<byte> path) => Failure.Number == Errno.ENOSYS
        ? new LinuxException(Errno.ENOSYS, "openat2", NativePath.Display(path), "Strata needs Linux 5.6 or newer")
        : Failure.Of("openat2", path);
}
