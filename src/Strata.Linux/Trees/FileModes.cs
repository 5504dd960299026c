namespace Strata.Linux;

/// <summary>The file type as st_mode (S_IF…) and as d_type (DT_…); the latter is the former shifted by twelve.</summary>
internal static class FileModes
{
    internal static FileKind KindOf(uint mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Directory,
        0xA000 => FileKind.SymbolicLink,
        0x2000 => FileKind.CharacterDevice,
        0x6000 => FileKind.BlockDevice,
        0x1000 => FileKind.Fifo,
        0xC000 => FileKind.Socket,
        _ => throw new InvalidDataException($"The file system reports a file type ({mode:x}) that Linux does not have."),
    };

    /// <summary>Null: the file system does not tell (DT_UNKNOWN).</summary>
    internal static FileKind? KindOfEntry(byte type) => type is 1 or 2 or 4 or 6 or 8 or 10 or 12 ? KindOf((uint)type << 12) : null;

    internal static uint TypeBits(FileKind kind) => kind switch
    {
        FileKind.Regular => 0x8000,
        FileKind.CharacterDevice => 0x2000,
        FileKind.BlockDevice => 0x6000,
        FileKind.Fifo => 0x1000,
        FileKind.Socket => 0xC000,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "mknod makes files, devices, fifos and sockets only."),
    };

    /// <summary>chmod that never follows a link: fchmodat2 (Linux 6.6), else glibc's way through /proc.</summary>
    internal static int Change(System.Runtime.InteropServices.SafeHandle directory, ReadOnlySpan<byte> name, uint mode)
    {
        var done = (int)FileCalls.fchmodat2(FileCalls.SYS_fchmodat2, directory, name, mode, FileCalls.AT_SYMLINK_NOFOLLOW);
        // A sandbox that does not know the call answers EPERM; the older way then tells whether that was meant.
        return done < 0 && Failure.Number is Errno.ENOSYS or Errno.EPERM
            ? FileCalls.fchmodat(directory, name, mode, FileCalls.AT_SYMLINK_NOFOLLOW)
            : done;
    }
}
