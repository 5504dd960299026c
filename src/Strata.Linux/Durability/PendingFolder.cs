using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>A private folder that becomes a folder of its own, or nothing: Dispose without Publish removes it with all in it.</summary>
public sealed class PendingFolder : IDisposable
{
    private readonly SafeFileHandle _handle;
    private bool _gone;

    private PendingFolder(string path, SafeFileHandle handle) => (Path, _handle) = (path, handle);

    public string Path { get; }

    /// <summary>Makes ".tmp-pid-random" in <paramref name="directory"/>, with the usual mode, locked for as long as its maker lives.</summary>
    public static PendingFolder Create(string directory)
    {
        var path = System.IO.Path.Combine(directory, PrivateName.New());
        if (FileCalls.mkdirat(FileCalls.WorkingDirectory, NativePath.Of(path), 0x1FF) < 0)
        {
            throw Failure.Of("mkdirat", path);
        }
        var pending = new PendingFolder(path, HostFile.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
        PrivateName.Hold(pending._handle);
        return pending;
    }

    /// <summary>Gives it its name, durably; what is in it has to be so already. There must be nothing of that name.</summary>
    public void Publish(string target)
    {
        ObjectDisposedException.ThrowIf(_gone, this);
        Durable.Sync(_handle, Path);
        var (from, to, here) = (NativePath.Of(Path), NativePath.Of(target), FileCalls.WorkingDirectory);
        // Without the flag where a file system does not know it: an empty folder would be replaced, and nothing else.
        if (FileCalls.renameat2(here, from, here, to, FileCalls.RENAME_NOREPLACE) < 0
            && (Failure.Number is not (Errno.EINVAL or Errno.ENOSYS) || FileCalls.renameat2(here, from, here, to, 0) < 0))
        {
            throw Failure.Of("renameat2", target);
        }
        _gone = true;
        Durable.SyncDirectory(HostFile.DirectoryOf(target));
    }

    public void Dispose()
    {
        if (!_gone)
        {
            _gone = true;
            try
            {
                HostFile.RemoveTree(Path);
            }
            catch (LinuxException)
            {
                // Litter, not a failure of what was asked for.
            }
        }
        _handle.Dispose();
    }
}
