using SQLitePCL;

namespace Strata.Sqlite;

/// <summary>A database that could not be opened, read or written; the message says which and what to do.</summary>
public sealed class SqliteStoreException : IOException
{
    public SqliteStoreException(SqliteProblem problem, string message)
        : base(message) => Problem = problem;

    public SqliteProblem Problem { get; }

    internal static SqliteStoreException Of(int code, string path, string detail)
    {
        var (problem, sentence) = (code & 0xff) switch
        {
            raw.SQLITE_FULL => (SqliteProblem.Full, $"{path} could not be written: its disk is full. Free some space and try again"),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (SqliteProblem.Busy, $"{path} is locked by another process. Try again when that has ended"),
            raw.SQLITE_CORRUPT => (SqliteProblem.Corrupt, $"{path} is damaged ({detail}). Restore it from a copy, or move it away to start anew"),
            raw.SQLITE_NOTADB => (SqliteProblem.Corrupt, $"{path} is no database. Move it away, or name another folder"),
            raw.SQLITE_READONLY => (SqliteProblem.ReadOnly, $"{path} may not be written by this user"),
            raw.SQLITE_CANTOPEN => (SqliteProblem.CannotOpen, $"{path} could not be opened. Check that its folder exists and that this user may enter it"),
            raw.SQLITE_CONSTRAINT => (SqliteProblem.Constraint, $"{path}: {detail}"),
            raw.SQLITE_IOERR => (SqliteProblem.Disk, $"{path} could not be read or written: the disk answered with an error ({detail})"),
            raw.SQLITE_PERM or raw.SQLITE_AUTH => (SqliteProblem.CannotOpen, $"{path} may not be opened by this user"),
            _ => (SqliteProblem.Misuse, $"{path}: {detail} (SQLite error {code})"),
        };
        return new SqliteStoreException(problem, sentence);
    }
}
