namespace Strata.Store;

/// <summary>File systems on which a store would be lost sooner or later, by their names as statfs(2) tells them.</summary>
internal static class ForeignFileSystem
{
    private const string Remedy = "Name a folder on a local disk (ext4, xfs, btrfs) with --root.";

    /// <summary>Null where a store may lie.</summary>
    public static string? Refusal(string root, string? type) => type switch
    {
        "nfs" or "cifs" or "smb2" or "9p" or "ceph" or "afs" =>
            $"The store can't lie at {root}, which is on a network file system ({type}): its locks (flock) and the memory that processes share through a file (mmap) "
            + $"do not reach other machines, and two at work at once would destroy it. {Remedy}",
        "fuse" =>
            $"The store can't lie at {root}, which is on a file system of another program's (fuse): whether its locks (flock) and shared memory (mmap) hold is not known. {Remedy}",
        "vfat" or "exfat" or "ntfs" =>
            $"The store can't lie at {root}, which is on {type}: it keeps neither owners nor permissions nor links of files. {Remedy}",
        _ => null,
    };
}
