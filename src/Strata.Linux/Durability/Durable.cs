using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// Writing that is on the disk when the call returns. The framework's own flush to disk loses fsync's errors; these
/// throw them.
/// </summary>
public static class Durable
{
    public static void Sync(SafeFileHandle file) => Sync(file, null);

    /// <summary>
    /// Lets the disk begin with bytes just written, so that a later <see cref="Sync(SafeFileHandle)"/> of a long file has little left to
    /// wait for. Promises nothing: what goes wrong here is reported by that Sync.
    /// </summary>
    public static void BeginSync(SafeFileHandle file, long offset, long count) =>
        _ = FileCalls.sync_file_range(file, offset, count, FileCalls.SYNC_FILE_RANGE_WRITE);

    public static void SyncDirectory(string path)
    {
        using var directory = HostFile.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        Sync(directory, path);
    }

    /// <summary>All that has been written to the file system of <paramref name="path"/>, by anybody.</summary>
    public static void SyncFileSystem(string path)
    {
        using var directory = HostFile.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        if (FileCalls.syncfs(directory) < 0)
        {
            throw Failure.Of("syncfs", path);
        }
    }

    /// <summary>
    /// The file is there whole with exactly this mode, or as it was before: private file, fsync, rename, fsync of the folder.
    /// </summary>
    public static void WriteFile(string path, ReadOnlySpan<byte> content, int mode = 0x1A4)
    {
        try
        {
            using var pending = PendingFile.Create(HostFile.DirectoryOf(path));
            pending.Write(content, 0);
            if (FileCalls.fchmod(pending.Handle, (uint)mode) < 0)
            {
                throw Failure.Of("fchmod", pending.Path);
            }

            pending.Publish(path, replace: true);
        }
        catch (LinuxException e)
        {
            // Nobody knows the private name.
            throw new LinuxException(e.Errno, "write", path);
        }
    }

    // Not repeated on EINTR: a failed fsync may have dropped the pages it could not write, and a second one would say "done".
    internal static void Sync(SafeFileHandle file, string? path)
    {
        if (FileCalls.fsync(file) < 0)
        {
            throw new LinuxException(Failure.Number, "fsync", path ?? HostFile.NameOf(file));
        }
    }
}
