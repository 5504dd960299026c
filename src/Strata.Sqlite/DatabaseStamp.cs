namespace Strata.Sqlite;

/// <summary>
/// How a database's files look from outside. A database that is read without SQLite's locks was whole while it was read if it has no
/// log and looks afterwards as before: who writes it makes a log first, and moves the log's pages into the file before the log goes.
/// </summary>
internal readonly record struct DatabaseStamp(long Size, DateTime Written, bool HasLog)
{
    public static DatabaseStamp Of(string path)
    {
        var file = new FileInfo(path);
        return new DatabaseStamp(file.Length, file.LastWriteTimeUtc, new FileInfo(path + "-wal") is { Exists: true, Length: > 0 });
    }
}
