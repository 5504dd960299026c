using Strata.Linux;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>What every part of the store works with.</summary>
/// <param name="IsThere">False for the empty store that stands for one that nobody has made.</param>
internal sealed record StoreContext(StoreFolders Folders, SqliteDatabase Database, SpaceReserve Reserve, StoreOptions Options, bool IsThere)
{
    public Leases Leases { get; } = new(Folders, Reserve);

    public CollectionLock Collection { get; } = new(Folders);

    public DurableFolders BlobFolders { get; } = new(Durable.SyncDirectory);

    public NamedLocks Locks { get; } = new(Folders);

    public long Now => Options.Clock.Now();

    public static StoreContext Open(StoreFolders folders, StoreOptions options, bool isThere)
    {
        var database = SqliteDatabase.Open(folders.Database, StoreSchema.Schema with { IsInMemory = !isThere });
        return new StoreContext(folders, database, new SpaceReserve(folders), options, isThere);
    }

    /// <summary>A write that takes away, which is to succeed on a full disk too.</summary>
    public async Task<T> RemoveAsync<T>(Func<SqliteSession, T> command, CancellationToken cancellationToken)
    {
        Reserve.Release();
        try
        {
            return await Database.WriteAsync(command, cancellationToken);
        }
        catch (SqliteStoreException e) when (e.Problem == SqliteProblem.Full)
        {
            // The user's share may be used up while the disk has room.
            if (!Reserve.Release(isFull: true))
            {
                throw;
            }
        }
        return await Database.WriteAsync(command, cancellationToken);
    }

    /// <summary>A note that is good to have, and whose lack fails nothing: not in a store that may only be read, not on a full disk.</summary>
    public async Task NoteAsync(Func<SqliteSession, int> command)
    {
        try
        {
            await Database.WriteAsync(command, CancellationToken.None);
        }
        catch (SqliteStoreException e) when (e.Problem is SqliteProblem.Full or SqliteProblem.ReadOnly or SqliteProblem.CannotOpen or SqliteProblem.Busy)
        {
            // Somebody else's turn, or never.
        }
    }

    /// <summary>
    /// Leases content if <paramref name="isThere"/> finds it, so that what was found stays. Content leased before is not looked for again.
    /// In a store that may only be read nothing can be leased; what is found there may go while it is read.
    /// </summary>
    public async ValueTask<bool> LeaseAsync(string content, Func<SqliteSession, bool> isThere, CancellationToken cancellationToken)
    {
        if (Leases.Holds(content))
        {
            return true;
        }
        try
        {
            using var shared = await Collection.SharedAsync(cancellationToken);
            if (!Database.Read(isThere))
            {
                return false;
            }
            Leases.Use(content);
            return true;
        }
        catch (StoreException e) when (e.IsReadOnly)
        {
            return Database.Read(isThere);
        }
    }
}
