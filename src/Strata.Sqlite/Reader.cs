namespace Strata.Sqlite;

/// <summary>A connection to read with.</summary>
/// <param name="Session">The connection.</param>
/// <param name="IsShared">It may be kept; one that is not keeps others out, or does not see what they write.</param>
/// <param name="Stamp">Of the files when they were opened without a lock; null where SQLite's locks see to it.</param>
internal sealed record Reader(SqliteSession Session, bool IsShared, DatabaseStamp? Stamp = null);
