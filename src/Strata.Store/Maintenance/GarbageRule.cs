using Strata.Sqlite;

namespace Strata.Store;

/// <summary>What a rule is asked for.</summary>
/// <param name="Leased">A JSON array of leased content.</param>
/// <param name="Only">A JSON array of keys to look at; null for all.</param>
/// <param name="Before">Only what was added, or for build steps and snapshots last used, before; milliseconds since 1970.</param>
/// <param name="Limit">At most so many at once.</param>
/// <param name="After">Only keys behind this one, so that a table is gone through once.</param>
internal sealed record GarbageQuery(string Leased, string? Only, long Before, int Limit, string After = "");

/// <summary>How garbage of one kind is found and its rows removed.</summary>
/// <param name="Table">Where it is found.</param>
/// <param name="Key">The column that names a row.</param>
internal sealed record GarbageRule(GarbageKind Kind, string Table, string Key)
{
    /// <summary>For a <see cref="Condition"/>: follows what is one of the leases.</summary>
    public const string Leased = "IN (SELECT value FROM json_each(?1))";

    /// <summary>What a row says it takes.</summary>
    public string Bytes { get; init; } = "0";

    /// <summary>Makes a row garbage; ?1 are the leases, ?2 the time before which.</summary>
    public required string Condition { get; init; }

    /// <summary>Removes the row of a key.</summary>
    public required Action<SqliteSession, string> Delete { get; init; }

    /// <summary>Stands before the SELECT.</summary>
    public string With { get; init; } = "";

    /// <summary>A JSON array of keys to look at; null for all.</summary>
    public string? Only { get; init; }

    /// <summary>The column that <see cref="Only"/> means.</summary>
    public string OnlyKey { get; init; } = Key;

    /// <summary>Removed rows may make further ones garbage of the same kind.</summary>
    public bool Again { get; init; }

    /// <summary>The column that says when a row was used last, for those that go in that order, and only while the store is too large.</summary>
    public string? LeastRecent { get; init; }

    /// <summary>The text is the same for every query of its kind, as statements are kept by it.</summary>
    public string Select(bool only) =>
        $"""
        {With}
        SELECT {Key}, {Bytes} FROM {Table}
        WHERE {(only ? $"{OnlyKey} IN (SELECT value FROM json_each(?5)) AND " : "")}{Key}>?4 AND {Condition}
        ORDER BY {LeastRecent ?? Key} LIMIT ?3
        """;

    public List<Garbage> Take(SqliteSession session, GarbageQuery query)
    {
        Garbage Read(SqliteRow row) => new(Kind, row.Text(0), row.Long(1));
        var found = query.Only is { } only
            ? session.Query(Select(only: true), Read, query.Leased, query.Before, query.Limit, query.After, only)
            : session.Query(Select(only: false), Read, query.Leased, query.Before, query.Limit, query.After);
        found.ForEach(garbage => Delete(session, garbage.Key));
        return found;
    }
}
