namespace Strata.Linux;

/// <summary>What stays the same as long as a file's bytes and attributes do. No path: a renamed file keeps it.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Inode, long Size, FileTime Modified, FileTime Changed)
{
    public static FileIdentity Of(in FileStatus status) => new(status.Device, status.Inode, status.Size, status.Modified, status.Changed);
}
