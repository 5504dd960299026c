using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// A lock between processes: flock(2) on a file that stays. Two locks taken in one process exclude each other too.
/// </summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);
    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>Null when somebody else holds it. Creates the file, mode 0600, where there is none.</summary>
    public static FileLock? TryAcquire(string path, bool exclusive)
    {
        while (true)
        {
            var file = HostFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT, 0x180);
            var taken = false;
            try
            {
                if (!Lock(file, path, (exclusive ? FileCalls.LOCK_EX : FileCalls.LOCK_SH) | FileCalls.LOCK_NB))
                {
                    return null;
                }
                // The file may have been removed between open and flock; then the lock is on a file nobody else will find.
                taken = IsStillThere(file, path);
                if (taken)
                {
                    return new FileLock(file);
                }
            }
            finally
            {
                if (!taken)
                {
                    file.Dispose();
                }
            }
        }
    }

    /// <summary>Waits on the calling thread until the lock is free.</summary>
    public static FileLock Acquire(string path, bool exclusive, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path, exclusive) is { } acquired)
            {
                return acquired;
            }

            cancellationToken.WaitHandle.WaitOne(pause);
        }
    }

    public static async Task<FileLock> AcquireAsync(string path, bool exclusive, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path, exclusive) is { } acquired)
            {
                return acquired;
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    public void Dispose()
    {
        // Said explicitly: a child on its way to exec may still hold a copy of the descriptor for a moment.
        if (!_file.IsClosed)
        {
            _ = FileCalls.flock(_file, FileCalls.LOCK_UN);
        }

        _file.Dispose();
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 > LongestPause ? LongestPause : pause * 2;

    private static bool Lock(SafeFileHandle file, string path, int operation)
    {
        while (FileCalls.flock(file, operation) < 0)
        {
            if (Failure.Number == Errno.EAGAIN)
            {
                return false;
            }

            if (Failure.Number != Errno.EINTR)
            {
                throw Failure.Of("flock", path);
            }
        }
        return true;
    }

    private static bool IsStillThere(SafeFileHandle file, string path)
    {
        var held = HostFile.Status(file);
        return HostFile.Status(path, follow: true) is { } named && named.Inode == held.Inode && named.Device == held.Device;
    }
}
