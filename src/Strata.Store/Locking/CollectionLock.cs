using Strata.Linux;

namespace Strata.Store;

/// <summary>
/// The lock between those who bring content in and the one who takes unused content away. Shared: around making bytes visible and their
/// row, and around finding content present and leasing it. Exclusive: around a small batch of removals. Never taken inside a write of the database.
/// </summary>
internal sealed class CollectionLock(StoreFolders folders)
{
    public Task<FileLock> SharedAsync(CancellationToken cancellationToken) => AcquireAsync(exclusive: false, cancellationToken);

    public Task<FileLock> ExclusiveAsync(CancellationToken cancellationToken) => AcquireAsync(exclusive: true, cancellationToken);

    private async Task<FileLock> AcquireAsync(bool exclusive, CancellationToken cancellationToken)
    {
        try
        {
            return await FileLock.AcquireAsync(folders.CollectionLock, exclusive, cancellationToken);
        }
        catch (LinuxException e)
        {
            throw StoreException.Of(folders.Root, e);
        }
    }
}
