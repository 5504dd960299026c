using System.Globalization;

namespace Strata.Linux;

/// <summary>The magic numbers of statfs(2).</summary>
internal static class FileSystemNames
{
    internal static string Of(long type) => (type & 0xFFFFFFFF) switch
    {
        0xEF53 => "ext4",
        0x58465342 => "xfs",
        0x9123683E => "btrfs",
        0xCA451A4E => "bcachefs",
        0xF2F52010 => "f2fs",
        0x2FC12FC1 => "zfs",
        0x01021994 => "tmpfs",
        0x858458F6 => "ramfs",
        0x794C7630 => "overlay",
        0x73717368 => "squashfs",
        0xE0F5E1E2 => "erofs",
        0x9660 => "iso9660",
        0x4D44 => "vfat",
        0x2011BAB0 => "exfat",
        0x65735546 => "fuse",
        0x01021997 => "9p",
        0x6969 => "nfs",
        0xFF534D42 => "cifs",
        0xFE534D42 => "smb2",
        0x00C36400 => "ceph",
        0x9FA0 => "proc",
        0x62656572 => "sysfs",
        0x27E0EB => "cgroup",
        0x63677270 => "cgroup2",
        var other => "0x" + other.ToString("x", CultureInfo.InvariantCulture),
    };
}
