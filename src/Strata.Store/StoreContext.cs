using Strata.Linux;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>What every part of the store works with.</summary>
internal sealed record StoreContext(StoreFolders Folders, SqliteDatabase Database, Leases Leases, StoreOptions Options)
{
    public CollectionLock Collection { get; } = new(Folders);

    public DurableFolders BlobFolders { get; } = new(Durable.SyncDirectory);

    public NamedLocks Locks { get; } = new(Folders);

    public long Now => Options.Clock.Now();

    /// <summary>
    /// Leases content if <paramref name="isThere"/> finds it, so that what was found stays. Content leased before is not looked for again.
    /// </summary>
    public async ValueTask<bool> LeaseAsync(string content, Func<SqliteSession, bool> isThere, CancellationToken cancellationToken)
    {
        if (Leases.Holds(content))
        {
            return true;
        }
        using var shared = await Collection.SharedAsync(cancellationToken);
        if (!Database.Read(isThere))
        {
            return false;
        }
        Leases.Use(content);
        return true;
    }
}
