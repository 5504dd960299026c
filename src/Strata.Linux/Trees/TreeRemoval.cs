using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// Removes a tree by descriptors: no link is followed, no mount is entered, and any depth is fine, because a
/// directory that lies too deep is first moved up into the topmost one.
/// </summary>
internal static class TreeRemoval
{
    private const int DeepestLevel = 64;

    // Somebody may still be writing into the tree; after so many rounds the removal gives up.
    private const int Rounds = 16;

    /// <param name="parent">The directory that holds the tree.</param>
    /// <param name="name">Its name, ending in a NUL byte; "." removes what is in <paramref name="parent"/>.</param>
    internal static void Run(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        var itself = !name.SequenceEqual(".\0"u8);
        if (itself && (Unlink(parent, name) || RemoveDirectory(parent, name)))
        {
            return;
        }

        var levels = new Stack<Level>();
        try
        {
            if (Enter(parent, name) is not { } top)
            {
                return;
            }

            levels.Push(top);
            Empty(levels, top);
        }
        finally
        {
            while (levels.TryPop(out var level))
            {
                level.Directory.Dispose();
            }
        }
        if (itself && !RemoveDirectory(parent, name))
        {
            throw Failure.Of("unlinkat", name);
        }
    }

    private static void Empty(Stack<Level> levels, Level top)
    {
        var moved = 0;
        while (levels.TryPeek(out var level))
        {
            if (level.Pending.TryDequeue(out var child))
            {
                if (RemoveDirectory(level.Directory, child))
                {
                    continue;
                }

                if (levels.Count >= DeepestLevel)
                {
                    MoveUp(level.Directory, child, top, ++moved);
                }
                else if (Enter(level.Directory, child) is { } below)
                {
                    levels.Push(below);
                }

                continue;
            }
            if (ReadAgain(level))
            {
                continue;
            }

            levels.Pop().Directory.Dispose();
            if (levels.TryPeek(out var above) && !RemoveDirectory(above.Directory, level.Name))
            {
                throw Failure.Of("unlinkat", level.Name);
            }
        }
    }

    /// <summary>Removes what is no directory and queues the rest; false when there is nothing left.</summary>
    private static bool ReadAgain(Level level)
    {
        using var fresh = HostFile.OpenAt(level.Directory, ".\0"u8, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, level.Name);
        using var listing = DirectoryListing.Read(fresh, level.Name);
        if (listing.Count == 0)
        {
            return false;
        }

        if (++level.Reads > Rounds)
        {
            throw new LinuxException(Errno.ENOTEMPTY, "unlinkat", NativePath.Display(level.Name), "something keeps writing into it");
        }

        for (var i = 0; i < listing.Count; i++)
        {
            var name = listing.TerminatedName(i);
            if (listing.Kind(i) == FileKind.Directory || !Unlink(level.Directory, name))
            {
                level.Pending.Enqueue(name.ToArray());
            }
        }
        return true;
    }

    private static Level? Enter(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        const ulong Resolve = FileCalls.RESOLVE_NO_XDEV | FileCalls.RESOLVE_NO_SYMLINKS;
        var flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
        var path = name[..^1];
        var directory = RootResolver.TryOpen(parent, path, flags, Resolve);
        if (directory is null && Failure.Number == Errno.EACCES && FileModes.Change(parent, name, 0x1C0) == 0)
        {
            directory = RootResolver.TryOpen(parent, path, flags, Resolve);
        }

        if (directory is not null)
        {
            return new Level(directory, name.ToArray());
        }

        return Failure.Number switch
        {
            Errno.ENOENT => null,
            Errno.EXDEV => throw new LinuxException(
                Errno.EXDEV, "remove", NativePath.Display(name), "a file system is mounted there; unmount it first"),
            _ => throw Failure.Of("openat2", name),
        };
    }

    /// <summary>False for a directory; nothing there counts as removed.</summary>
    private static bool Unlink(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        if (Remove(parent, name, 0) == 0)
        {
            return true;
        }

        return Failure.Number switch
        {
            Errno.ENOENT => true,
            Errno.EISDIR => false,
            _ => throw Failure.Of("unlinkat", name),
        };
    }

    /// <summary>False when it is not empty; nothing there counts as removed.</summary>
    private static bool RemoveDirectory(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        if (Remove(parent, name, FileCalls.AT_REMOVEDIR) == 0)
        {
            return true;
        }

        return Failure.Number switch
        {
            Errno.ENOENT => true,
            Errno.ENOTEMPTY or Errno.EEXIST => false,
            // Replaced by something else meanwhile.
            Errno.ENOTDIR => Unlink(parent, name),
            Errno.EBUSY => throw new LinuxException(
                Errno.EBUSY, "remove", NativePath.Display(name), "a file system is mounted there; unmount it first"),
            _ => throw Failure.Of("unlinkat", name),
        };
    }

    // An ordinary user's own directory may lack the permission to change it (Go's module cache is made so).
    private static int Remove(SafeFileHandle parent, ReadOnlySpan<byte> name, int flags)
    {
        var done = FileCalls.unlinkat(parent, name, flags);
        return done < 0 && Failure.Number == Errno.EACCES && FileModes.Change(parent, ".\0"u8, 0x1C0) == 0
            ? FileCalls.unlinkat(parent, name, flags)
            : done;
    }

    private static void MoveUp(SafeFileHandle parent, ReadOnlySpan<byte> name, Level top, int number)
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var target = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $".strata-removing-{number}-{attempt}\0"));
            if (FileCalls.renameat2(parent, name, top.Directory, target, FileCalls.RENAME_NOREPLACE) == 0)
            {
                top.Pending.Enqueue(target);
                return;
            }
            if (Failure.Number != Errno.EEXIST)
            {
                break;
            }
        }
        throw Failure.Of("renameat2", name);
    }

    private sealed class Level(SafeFileHandle directory, byte[] name)
    {
        internal SafeFileHandle Directory { get; } = directory;
        internal byte[] Name { get; } = name;
        internal Queue<byte[]> Pending { get; } = new();
        internal int Reads { get; set; }
    }
}
