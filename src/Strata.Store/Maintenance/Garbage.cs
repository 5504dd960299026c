using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Kinds of things that are removed.</summary>
public enum GarbageKind
{
    Image,
    BuildStep,
    Layer,
    Index,
    Blob,
    Snapshot,
    Temporary,
}

/// <summary>One thing that nothing uses.</summary>
/// <param name="Key">The row's key; of a snapshot, its folder's name.</param>
/// <param name="Bytes">What it takes on the disk.</param>
internal sealed record Garbage(GarbageKind Kind, string Key, long Bytes);

/// <summary>What a rule is asked for.</summary>
/// <param name="Leased">A JSON array of leased content.</param>
/// <param name="Only">A JSON array of keys to look at; null for all.</param>
/// <param name="Before">Only what was added, or for build steps last used, before; milliseconds since 1970.</param>
/// <param name="Limit">At most so many at once.</param>
internal sealed record GarbageQuery(string Leased, string? Only, long Before, int Limit);

/// <summary>How garbage of one kind is found and its rows removed.</summary>
internal sealed record GarbageRule(GarbageKind Kind, string Select, Action<SqliteSession, string> Delete)
{
    public List<Garbage> Take(SqliteSession session, GarbageQuery query)
    {
        var found = session.Query(Select, row => new Garbage(Kind, row.Text(0), row.Long(1)), query.Leased, query.Only, query.Before, query.Limit);
        found.ForEach(garbage => Delete(session, garbage.Key));
        return found;
    }
}
