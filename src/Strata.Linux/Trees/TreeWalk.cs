using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>A walk of a host tree in byte order of the names, parents before children, by one open directory a level.</summary>
public static class TreeWalk
{
    /// <summary>Deeper trees are refused: every level costs a descriptor.</summary>
    public const int DeepestLevel = 4096;

    /// <summary>Returns false for a directory to leave out what is below it. The entry lives only during the call.</summary>
    public delegate bool Visitor(in TreeEntry entry);

    /// <summary>
    /// Visits everything below <paramref name="root"/>, not the root itself. Links are not followed; mounts are
    /// entered (see <see cref="FileStatus.MountId"/>). What vanishes while the walk is under way is left out.
    /// </summary>
    public static void Run(string root, Visitor visit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(visit);
        var levels = new Stack<Level>();
        var path = new PathBuffer();
        try
        {
            levels.Push(Level.Read(HostFile.Open(root, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY), 0, NativePath.Of(root)));
            while (levels.TryPeek(out var level))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (level.Next == level.Listing.Count)
                {
                    levels.Pop().Dispose();
                    continue;
                }
                if (Step(level, path, visit) is not { } below)
                {
                    continue;
                }

                if (levels.Count == DeepestLevel)
                {
                    below.Dispose();
                    throw new LinuxException(
                        Errno.ENAMETOOLONG, "walk", NativePath.Display(path.Value), $"the tree is more than {DeepestLevel} levels deep");
                }
                levels.Push(below);
            }
        }
        finally
        {
            while (levels.TryPop(out var level))
            {
                level.Dispose();
            }
        }
    }

    /// <summary>Visits the level's next entry; the level below it, when that is to be walked too.</summary>
    private static Level? Step(Level level, PathBuffer path, Visitor visit)
    {
        var name = level.Listing.TerminatedName(level.Next++);
        path.Set(level.PathLength, name[..^1]);
        if (FileStatus.At(level.Directory, name, FileCalls.AT_SYMLINK_NOFOLLOW) is not { } status)
        {
            return null;
        }

        var descend = visit(new TreeEntry(level.Directory, name, path.Value, status));
        if (!descend || status.Kind != FileKind.Directory)
        {
            return null;
        }

        var flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
        var directory = HostFile.TryOpenAt(level.Directory, name, flags, 0);
        if (directory is not null)
        {
            return Level.Read(directory, path.Value.Length, path.Value);
        }

        return Failure.Number is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? null : throw Failure.Of("openat", path.Value);
    }

    private sealed class Level : IDisposable
    {
        private Level(SafeFileHandle directory, DirectoryListing listing, int pathLength)
        {
            Directory = directory;
            Listing = listing;
            PathLength = pathLength;
        }

        internal SafeFileHandle Directory { get; }
        internal DirectoryListing Listing { get; }
        internal int PathLength { get; }
        internal int Next { get; set; }

        internal static Level Read(SafeFileHandle directory, int pathLength, ReadOnlySpan<byte> displayed)
        {
            try
            {
                return new Level(directory, DirectoryListing.Read(directory, displayed), pathLength);
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            Listing.Dispose();
            Directory.Dispose();
        }
    }

    /// <summary>The path of the entry under way; each level knows how much of it is its own.</summary>
    private sealed class PathBuffer
    {
        private byte[] _bytes = new byte[256];
        private int _length;

        internal ReadOnlySpan<byte> Value => _bytes.AsSpan(0, _length);

        internal void Set(int parentLength, ReadOnlySpan<byte> name)
        {
            var start = parentLength == 0 ? 0 : parentLength + 1;
            _length = start + name.Length;
            if (_length > _bytes.Length)
            {
                Array.Resize(ref _bytes, _length * 2);
            }

            if (start > 0)
            {
                _bytes[parentLength] = (byte)'/';
            }

            name.CopyTo(_bytes.AsSpan(start));
        }
    }
}
