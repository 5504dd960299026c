namespace Strata.Linux;

/// <summary>What statx(2) says of a file. <paramref name="Mode"/> is the permission part only (07777).</summary>
public readonly record struct FileStatus(
    FileKind Kind,
    uint Mode,
    uint UserId,
    uint GroupId,
    long Size,
    FileTime Modified,
    FileTime Changed,
    ulong Inode,
    ulong Device,
    uint LinkCount,
    uint RDevMajor,
    uint RDevMinor,
    ulong MountId)
{
    private const uint Wanted = FileCalls.STATX_BASIC_STATS | FileCalls.STATX_MNT_ID;

    /// <summary>Null where there is nothing (ENOENT, ENOTDIR); <paramref name="name"/> ends in a NUL byte.</summary>
    internal static FileStatus? At(System.Runtime.InteropServices.SafeHandle directory, ReadOnlySpan<byte> name, int flags)
    {
        if (FileCalls.statx(directory, name, flags, Wanted, out var buffer) == 0)
        {
            return From(buffer);
        }

        return Failure.Number is Errno.ENOENT or Errno.ENOTDIR ? null : throw Failure.Of("statx", name);
    }

    internal static ulong DeviceNumber(uint major, uint minor) =>
        ((ulong)(major & 0xfff) << 8) | (minor & 0xff) | ((ulong)(minor & ~0xffu) << 12) | ((ulong)(major & ~0xfffu) << 32);

    private static FileStatus From(in StatxBuffer s) => new(
        FileModes.KindOf(s.Mode),
        s.Mode & 0xFFFu,
        s.UserId,
        s.GroupId,
        (long)s.Size,
        new FileTime(s.ModifiedSeconds, s.ModifiedNanoseconds),
        new FileTime(s.ChangedSeconds, s.ChangedNanoseconds),
        s.Inode,
        DeviceNumber(s.DevMajor, s.DevMinor),
        s.LinkCount,
        s.RDevMajor,
        s.RDevMinor,
        s.MountId);
}
