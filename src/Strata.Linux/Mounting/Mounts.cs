using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>Mounts in the mount namespace of the calling thread.</summary>
public static class Mounts
{
    /// <summary>
    /// Mounts a stack of directories. Without <paramref name="upper"/> it is read only, and one lower directory alone is
    /// then simply bound. index, metacopy, redirect_dir and xino are off, stated.
    /// </summary>
    /// <param name="target">An existing directory.</param>
    /// <param name="lowers">Topmost first, at least one.</param>
    /// <param name="upper">Takes the changes; with <paramref name="work"/> beside it on the same file system.</param>
    /// <param name="work">An empty directory.</param>
    /// <param name="flavor">Where the marks are kept.</param>
    /// <param name="isVolatile">
    /// Nothing of the upper directory is brought to the disk, by fsync inside or by the unmount, which otherwise syncs the whole file system
    /// below; after a crash of the machine it must not be used. Linux 5.10.
    /// </param>
    /// <param name="devices">Device nodes in it can be opened; whoever wrote the layers chose what they lead to.</param>
    public static void Overlay(
        string target, IReadOnlyList<string> lowers, string? upper, string? work, OverlayFlavor flavor, bool devices = false, bool isVolatile = false)
    {
        ArgumentNullException.ThrowIfNull(lowers);
        if (lowers.Count == 0)
        {
            throw new ArgumentException("An overlay needs at least one lower directory; an empty one will do.", nameof(lowers));
        }

        if ((upper is null) != (work is null))
        {
            throw new ArgumentException("An upper directory and a work directory go together.", nameof(work));
        }

        if (upper is null && lowers.Count == 1)
        {
            Attach(lowers[0], target, recursive: false, MountCalls.MOUNT_ATTR_RDONLY | (devices ? 0 : MountCalls.MOUNT_ATTR_NODEV));
            return;
        }
        using var overlay = new OverlayMount(target, lowers, upper is null || work is null ? null : (upper, work), flavor, devices, isVolatile);
        if (!overlay.TryMountByParts())
        {
            overlay.MountByOptions();
        }
    }

    /// <summary>Shows a file or directory at another, existing place of the same kind; it is never writable there for a moment when read only.</summary>
    public static void Bind(string source, string target, bool recursive, bool readOnly) =>
        Attach(source, target, recursive, readOnly ? MountCalls.MOUNT_ATTR_RDONLY : 0);

    private static void Attach(string source, string target, bool recursive, ulong attributes)
    {
        var flags = MountCalls.OPEN_TREE_CLONE | OpenFlags.O_CLOEXEC | (recursive ? MountCalls.AT_RECURSIVE : 0);
        var copied = (int)MountCalls.open_tree(MountCalls.SYS_open_tree, FileCalls.WorkingDirectory, NativePath.Of(source), flags);
        if (copied < 0)
        {
            throw Failure.Of("open_tree", source);
        }

        using var copy = new SafeFileHandle(copied, ownsHandle: true);
        if (attributes != 0)
        {
            SetAttributes(copy, source, recursive, attributes);
        }

        Attach(copy, target);
    }

    private static void SetAttributes(SafeFileHandle mount, string path, bool recursive, ulong attributes)
    {
        var change = new MountCalls.MountAttributes { Set = attributes };
        var at = FileCalls.AT_EMPTY_PATH | (recursive ? MountCalls.AT_RECURSIVE : 0);
        if (MountCalls.mount_setattr(MountCalls.SYS_mount_setattr, mount, "\0"u8, at, ref change, 32) < 0)
        {
            throw Failure.Of("mount_setattr", path);
        }
    }

    /// <param name="target">An existing directory.</param>
    /// <param name="options">As mount(8) takes them after -o: "size=64m,mode=755".</param>
    public static void Tmpfs(string target, string options) => Mount("tmpfs\0"u8, target, MountCalls.MS_NOSUID | MountCalls.MS_NODEV, options);

    public static void Proc(string target) =>
        Mount("proc\0"u8, target, MountCalls.MS_NOSUID | MountCalls.MS_NODEV | MountCalls.MS_NOEXEC, "");

    /// <param name="target">The mount point; a link is not followed.</param>
    /// <param name="detach">Take it out of sight at once and let go of it when it is no longer busy.</param>
    public static void Unmount(string target, bool detach)
    {
        if (MountCalls.umount2(NativePath.Of(target), MountCalls.UMOUNT_NOFOLLOW | (detach ? MountCalls.MNT_DETACH : 0)) < 0)
        {
            throw Failure.Of("umount", target);
        }
    }

    /// <summary>No mount of this namespace is seen by another one, nor the other way round, from here on.</summary>
    public static void MakeAllPrivate()
    {
        if (MountCalls.mount(default, "/\0"u8, default, MountCalls.MS_REC | MountCalls.MS_PRIVATE, default) < 0)
        {
            throw Failure.Of("mount --make-rprivate", "/");
        }
    }

    /// <summary>What the calling thread sees, in the order of mounting.</summary>
    public static IReadOnlyList<MountInfo> List()
    {
        var mounts = new List<MountInfo>();
        foreach (var line in File.ReadLines("/proc/thread-self/mountinfo"))
        {
            if (MountTable.Parse(line) is { } mount)
            {
                mounts.Add(mount);
            }
        }
        return mounts;
    }

    internal static void Attach(SafeFileHandle mount, string target)
    {
        var done = MountCalls.move_mount(
            MountCalls.SYS_move_mount, mount, "\0"u8, FileCalls.WorkingDirectory, NativePath.Of(target), MountCalls.MOVE_MOUNT_F_EMPTY_PATH);
        if (done < 0)
        {
            throw Failure.Of("move_mount", target);
        }
    }

    private static void Mount(ReadOnlySpan<byte> type, string target, ulong flags, string options)
    {
        if (MountCalls.mount(type, NativePath.Of(target), type, flags, NativePath.Of(options)) < 0)
        {
            throw Failure.Of($"mount {NativePath.Display(type)} on", target);
        }
    }
}
