using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>A private temporary file that becomes a file of its own, or nothing: Dispose without Publish removes it.</summary>
public sealed class PendingFile : IDisposable
{
    private bool _gone;
    private bool _synced;

    private PendingFile(string path, SafeFileHandle handle)
    {
        Path = path;
        Handle = handle;
    }

    public string Path { get; }

    /// <summary>Open for reading and writing, also after <see cref="Publish"/>, until Dispose.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>
    /// Makes ".tmp-pid-random" in <paramref name="directory"/>, readable by its owner only, and locked for as long as its maker lives.
    /// </summary>
    public static PendingFile Create(string directory)
    {
        var path = System.IO.Path.Combine(directory, PrivateName.New());
        const int Flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
        var pending = new PendingFile(path, HostFile.Open(path, Flags, 0x180));
        PrivateName.Hold(pending.Handle);
        return pending;
    }

    /// <summary>An unbuffered stream from the start of the file; disposing it leaves <see cref="Handle"/> open.</summary>
    public Stream OpenStream() => new PrivateStream(HostFile.Duplicate(Handle), Path);

    /// <exception cref="LinuxException">The disk is full, or fails.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset) => Write(Handle, Path, bytes, offset);

    /// <summary>The slow half of <see cref="Publish"/>, for before a lock is taken: nothing may be written after it.</summary>
    public void Sync()
    {
        Durable.Sync(Handle, Path);
        _synced = true;
    }

    /// <summary>
    /// Makes the file durable under <paramref name="target"/>, on the same file system. Where a target exists and
    /// <paramref name="replace"/> is false, the target is left as it is and this file is removed.
    /// </summary>
    public void Publish(string target, bool replace)
    {
        ObjectDisposedException.ThrowIf(_gone, this);
        if (!_synced)
        {
            Sync();
        }
        if (Move(NativePath.Of(Path), NativePath.Of(target), replace))
        {
            _gone = true;
        }
        else
        {
            Remove();
        }
        // Also when another process was first: what this call reports as being there must survive a crash.
        Durable.SyncDirectory(HostFile.DirectoryOf(target));
    }

    public void Dispose()
    {
        Handle.Dispose();
        if (!_gone)
        {
            Remove();
        }
    }

    private bool Move(byte[] from, byte[] to, bool replace)
    {
        var here = FileCalls.WorkingDirectory;
        if (FileCalls.renameat2(here, from, here, to, replace ? 0 : FileCalls.RENAME_NOREPLACE) == 0)
        {
            return true;
        }

        if (!replace && Failure.Number is Errno.EINVAL or Errno.ENOSYS)
        {
            // A file system without RENAME_NOREPLACE; link(2) has the same promise.
            if (FileCalls.linkat(here, from, here, to, 0) == 0)
            {
                return FileCalls.unlinkat(here, from, 0) == 0 ? true : throw Failure.Of("unlinkat", Path);
            }
        }
        if (!replace && Failure.Number == Errno.EEXIST)
        {
            return false;
        }

        throw Failure.Of("renameat2", NativePath.Display(to));
    }

    internal static void Write(SafeFileHandle file, string path, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (IOException e)
        {
            throw LinuxException.Of(e, "write", path);
        }
    }

    internal void Remove()
    {
        _gone = true;
        // A temporary that cannot be removed is litter, not a failure of what was asked for.
        _ = FileCalls.unlinkat(FileCalls.WorkingDirectory, NativePath.Of(Path), 0);
    }
}
