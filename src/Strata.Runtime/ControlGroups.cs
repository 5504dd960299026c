using System.Globalization;
using System.Security.Cryptography;
using Strata.Linux;

namespace Strata.Runtime;

/// <summary>
/// The control groups that runc makes for what it runs: /strata/NAME in each hierarchy. It removes them itself; those of
/// a killed one stay, empty, until somebody sweeps.
/// </summary>
public static class ControlGroups
{
    private const string Root = "/sys/fs/cgroup";
    private const string Folder = "strata";

    /// <summary>A new name that tells who made it, so that a sweep leaves what is just being made alone: pid-starttime-random.</summary>
    internal static string NewName()
    {
        var pid = Environment.ProcessId;
        return string.Create(CultureInfo.InvariantCulture, $"{pid}-{PidHandle.StartTime(pid) ?? 0}-{RandomNumberGenerator.GetHexString(12, lowercase: true)}");
    }

    internal static string PathOf(string name) => $"/{Folder}/{name}";

    /// <summary>Removes what dead processes left. What is in use cannot be removed: the kernel refuses.</summary>
    public static void Sweep() => Sweep(Root);

    internal static void Sweep(string root)
    {
        foreach (var group in Folders(root).SelectMany(Directory.EnumerateDirectories).Where(group => !MakerLives(Path.GetFileName(group))))
        {
            TryRemove(group);
        }
    }

    internal static void Remove(string name)
    {
        foreach (var folder in Folders(Root))
        {
            TryRemove(Path.Combine(folder, name));
        }
    }

    /// <summary>/strata of each hierarchy; of the one there is, with version 2 alone.</summary>
    private static IEnumerable<string> Folders(string root) => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root).Prepend(root).Select(hierarchy => Path.Combine(hierarchy, Folder)).Where(Directory.Exists)
        : [];

    private static void TryRemove(string group)
    {
        try
        {
            Directory.Delete(group);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Gone already, or busy: a detached container outlives whoever started it.
        }
    }

    /// <summary>
    /// crun refuses a machine with both versions of control groups, even when told to make none. Seen without version 2
    /// it runs; taken away from this process's own mounts only.
    /// </summary>
    internal static void HideSecondVersion()
    {
        var mounts = Mounts.List().Where(mount => mount.MountPoint.StartsWith(Root, StringComparison.Ordinal)).ToList();
        if (!mounts.Exists(mount => mount.FileSystemType == "cgroup"))
        {
            return;
        }

        foreach (var second in mounts.Where(mount => mount.FileSystemType == "cgroup2").Reverse())
        {
            Mounts.Unmount(second.MountPoint, detach: true);
        }
    }

    internal static bool AreMounted => Mounts.List().Any(mount => mount.FileSystemType is "cgroup" or "cgroup2");

    private static bool MakerLives(string name)
    {
        var parts = name.Split('-');
        return parts.Length == 3
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
            && ulong.TryParse(parts[1], CultureInfo.InvariantCulture, out var start)
            && PidHandle.StartTime(pid) == start;
    }
}
