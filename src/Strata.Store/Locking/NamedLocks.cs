using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>Locks by name between all processes of a store, so that a piece of work is done by one of them at a time.</summary>
internal sealed class NamedLocks(StoreFolders folders)
{
    /// <summary>Who gets it looks again whether the work is still to be done.</summary>
    public async ValueTask<NamedLock> AcquireAsync(string kind, string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folders.Locks, $"{kind}-{Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)).Hex[..32]}");
        try
        {
            return new NamedLock(path, await FileLock.AcquireAsync(path, exclusive: true, cancellationToken));
        }
        catch (LinuxException e)
        {
            throw StoreException.Of(folders.Root, e);
        }
    }
}

internal sealed class NamedLock(string path, FileLock held) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        // Removed while it is held; whoever waits on the removed file finds that out and makes a new one.
        try
        {
            File.Delete(path);
        }
        finally
        {
            held.Dispose();
        }
        return ValueTask.CompletedTask;
    }
}
