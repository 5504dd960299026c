using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// A directory whose inside is reachable only through it. Paths are bytes, relative, separated by '/'; the links in a
/// path's parents are followed inside the root, as chroot would; its last component is never followed unless said.
/// Usable from several threads at once, except what <see cref="OpenCursor"/> gives. What was mounted in another mount
/// namespace, or over the root after it was opened, is not seen.
/// </summary>
public sealed class RootedDirectory : IDisposable
{
    private readonly SafeFileHandle _root;
    private readonly uint _mask;
    private readonly ParentCache? _cache;

    private RootedDirectory(SafeFileHandle root, uint mask, ParentCache? cache)
    {
        _root = root;
        _mask = mask;
        _cache = cache;
    }

    public static RootedDirectory Open(string hostPath) =>
        new(HostFile.Open(hostPath, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY), CreationMask.Read(), cache: null);

    /// <summary>
    /// The same root for one thread that does much in one directory after another (extraction): it keeps the parent
    /// resolved last open. Nobody else may rename directories under it meanwhile. Dispose it like any other.
    /// </summary>
    public RootedDirectory OpenCursor() => new(HostFile.Duplicate(_root), _mask, new ParentCache());

    /// <summary>Opens a regular file or a directory for reading; refuses what reading could wait on or set off (fifo, device, socket).</summary>
    public SafeFileHandle OpenRead(ReadOnlySpan<byte> path, bool followLast = false)
    {
        const int Flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY;
        SafeFileHandle file;
        if (followLast)
        {
            file = RootResolver.Open(_root, path, Flags);
        }
        else
        {
            using var at = Locate(path, stackalloc byte[Location.NameSize]);
            file = HostFile.OpenAt(at.Parent, at.Name, Flags | OpenFlags.O_NOFOLLOW, 0, path);
        }
        return HostFile.RefuseSpecial(file, path);
    }

    /// <summary>A new file, open for reading and writing, with exactly this mode whatever the umask.</summary>
    public SafeFileHandle CreateFile(ReadOnlySpan<byte> path, uint mode)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        var flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
        var file = HostFile.OpenAt(at.Parent, at.Name, flags, mode, path);
        if ((mode & _mask) == 0 || FileCalls.fchmod(file, mode) == 0)
        {
            return file;
        }

        var failure = Failure.Of("fchmod", path);
        file.Dispose();
        throw failure;
    }

    /// <summary>Null where there is nothing (ENOENT, ENOTDIR).</summary>
    public FileStatus? Status(ReadOnlySpan<byte> path, bool followLast = false)
    {
        if (followLast)
        {
            using var file = RootResolver.TryOpen(_root, path, OpenFlags.O_PATH);
            if (file is not null)
            {
                return FileStatus.At(file, "\0"u8, FileCalls.AT_EMPTY_PATH);
            }
        }
        else if (TryLocate(path, stackalloc byte[Location.NameSize], out var at))
        {
            using (at)
            {
                return FileStatus.At(at.Parent, at.Name, FileCalls.AT_SYMLINK_NOFOLLOW);
            }
        }
        return Failure.Number is Errno.ENOENT or Errno.ENOTDIR ? null : throw RootResolver.NotOpened(path);
    }

    /// <summary>A new directory with exactly this mode whatever the umask.</summary>
    public void MakeDirectory(ReadOnlySpan<byte> path, uint mode)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        Check(FileCalls.mkdirat(at.Parent, at.Name, mode), "mkdirat", path);
        // mkdir(2) takes no set-user-id and set-group-id bits.
        if ((mode & (_mask | 0xC00)) != 0)
        {
            Check(FileModes.Change(at.Parent, at.Name, mode), "fchmodat", path);
        }
    }

    public void MakeSymbolicLink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        var terminated = NativePath.Terminate(target, stackalloc byte[NativePath.StackSize]);
        Check(FileCalls.symlinkat(terminated, at.Parent, at.Name), "symlinkat", path);
    }

    /// <summary>Another name for <paramref name="existing"/>, for the link itself where that is a symbolic link.</summary>
    public void MakeHardLink(ReadOnlySpan<byte> existing, ReadOnlySpan<byte> path)
    {
        // Not through the cursor: keeping one parent would give the other's place away.
        using var from = Locate(existing, stackalloc byte[Location.NameSize], cached: false);
        using var to = Locate(path, stackalloc byte[Location.NameSize]);
        Check(FileCalls.linkat(from.Parent, from.Name, to.Parent, to.Name, 0), "linkat", path);
    }

    /// <summary>A device, fifo, socket or empty file with exactly this mode; major and minor count for devices only.</summary>
    public void MakeNode(ReadOnlySpan<byte> path, FileKind kind, uint mode, uint major, uint minor)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        var device = kind is FileKind.CharacterDevice or FileKind.BlockDevice ? FileStatus.DeviceNumber(major, minor) : 0;
        Check(FileCalls.mknodat(at.Parent, at.Name, FileModes.TypeBits(kind) | mode, device), "mknodat", path);
        if ((mode & _mask) != 0)
        {
            Check(FileModes.Change(at.Parent, at.Name, mode), "fchmodat", path);
        }
    }

    public byte[] ReadLink(ReadOnlySpan<byte> path)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        return HostFile.ReadLinkAt(at.Parent, at.Name, path);
    }

    /// <summary>Removes a name that is not a directory.</summary>
    public void RemoveFile(ReadOnlySpan<byte> path)
    {
        using (var at = Locate(path, stackalloc byte[Location.NameSize]))
        {
            Check(FileCalls.unlinkat(at.Parent, at.Name, 0), "unlinkat", path);
        }

        _cache?.Forget();
    }

    /// <summary>Removes a file or a directory with all below it; nothing there is no error. "" empties the root. Stops at mount points.</summary>
    public void RemoveTree(ReadOnlySpan<byte> path)
    {
        _cache?.Forget();
        using var at = Locate(path, stackalloc byte[Location.NameSize], cached: false);
        TreeRemoval.Run(at.Parent, at.Name);
    }

    /// <summary>As rename(2): an existing target of the same kind is replaced.</summary>
    public void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        _cache?.Forget();
        using var source = Locate(from, stackalloc byte[Location.NameSize], cached: false);
        using var target = Locate(to, stackalloc byte[Location.NameSize], cached: false);
        Check(FileCalls.renameat2(source.Parent, source.Name, target.Parent, target.Name, 0), "renameat2", to);
    }

    public void SetOwner(ReadOnlySpan<byte> path, uint uid, uint gid)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        Check(FileCalls.fchownat(at.Parent, at.Name, uid, gid, FileCalls.AT_SYMLINK_NOFOLLOW), "fchownat", path);
    }

    /// <summary>Symbolic links have no mode of their own: EOPNOTSUPP.</summary>
    public void SetMode(ReadOnlySpan<byte> path, uint mode)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        Check(FileModes.Change(at.Parent, at.Name, mode), "fchmodat", path);
    }

    /// <summary>Sets the time of modification and of access to the same value.</summary>
    public void SetTimes(ReadOnlySpan<byte> path, FileTime modified)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        var time = new TimeSpec { Seconds = modified.Seconds, Nanoseconds = modified.Nanoseconds };
        Check(FileCalls.utimensat(at.Parent, at.Name, [time, time], FileCalls.AT_SYMLINK_NOFOLLOW), "utimensat", path);
    }

    public void SetXattr(ReadOnlySpan<byte> path, string name, ReadOnlySpan<byte> value)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        ExtendedAttributes.Set(at.Parent, at.Name, name, value, path);
    }

    /// <summary>An attribute that is not there is no error.</summary>
    public void RemoveXattr(ReadOnlySpan<byte> path, string name)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        ExtendedAttributes.Remove(at.Parent, at.Name, name, path);
    }

    /// <summary>Sorted by name; empty where the file system has none.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs(ReadOnlySpan<byte> path)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        return ExtendedAttributes.Read(at.Parent, at.Name, path);
    }

    /// <summary>The names in a directory in byte order; the kind is null where the file system does not tell.</summary>
    public IReadOnlyList<(byte[] Name, FileKind? Kind)> List(ReadOnlySpan<byte> path)
    {
        using var directory = OpenDirectory(path);
        using var listing = DirectoryListing.Read(directory, path);
        var entries = new (byte[] Name, FileKind? Kind)[listing.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = (listing.Name(i).ToArray(), listing.Kind(i));
        }

        return entries;
    }

    /// <summary>Makes the names in a directory durable.</summary>
    public void SyncDirectory(ReadOnlySpan<byte> path)
    {
        using var directory = OpenDirectory(path);
        Durable.Sync(directory, NativePath.Display(path));
    }

    public void Dispose()
    {
        _cache?.Dispose();
        _root.Dispose();
    }

    private SafeFileHandle OpenDirectory(ReadOnlySpan<byte> path)
    {
        using var at = Locate(path, stackalloc byte[Location.NameSize]);
        return HostFile.OpenAt(at.Parent, at.Name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, path);
    }

    private Location Locate(ReadOnlySpan<byte> path, Span<byte> buffer, bool cached = true) =>
        TryLocate(path, buffer, out var at, cached) ? at : throw RootResolver.NotOpened(path);

    private bool TryLocate(ReadOnlySpan<byte> path, Span<byte> buffer, out Location at, bool cached = true)
    {
        path = path.Trim((byte)'/');
        var cut = path.LastIndexOf((byte)'/');
        var name = path[(cut + 1)..];
        var parent = path[..Math.Max(cut, 0)];
        if (name.Length == 0 || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            parent = path;
            name = "."u8;
        }
        if (name.Length >= Location.NameSize)
        {
            throw new LinuxException(Errno.ENAMETOOLONG, "openat2", NativePath.Display(path));
        }

        var terminated = NativePath.Terminate(name, buffer);
        var handle = Parent(parent, cached ? _cache : null, out var owned);
        at = handle is null ? default : new Location(handle, owned, terminated);
        return handle is not null;
    }

    private SafeFileHandle? Parent(ReadOnlySpan<byte> path, ParentCache? cache, out bool owned)
    {
        owned = false;
        if (path.Length == 0)
        {
            return _root;
        }

        if (cache?.Find(path) is { } known)
        {
            return known;
        }

        var parent = RootResolver.TryOpen(_root, path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        if (parent is not null && cache is not null)
        {
            cache.Keep(path, parent);
        }

        owned = cache is null;
        return parent;
    }

    private static void Check(int result, string operation, ReadOnlySpan<byte> path)
    {
        if (result < 0)
        {
            throw Failure.Of(operation, path);
        }
    }
}
