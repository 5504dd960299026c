using SQLitePCL;

namespace Strata.Sqlite;

/// <summary>A database that could not be opened, read or written; the message says which and what to do.</summary>
public sealed class SqliteStoreException : IOException
{
    private const long LeastForSideFiles = 64 * 1024;

    public SqliteStoreException(SqliteProblem problem, string message)
        : base(message) => Problem = problem;

    public SqliteProblem Problem { get; }

    internal static SqliteStoreException Of(int code, string path, SqliteSchema schema, string detail)
    {
        var (problem, sentence) = (code & 0xff) switch
        {
            raw.SQLITE_FULL => Full(path, schema),
            // The index of the log could not be made long enough: SQLite has no better word for that.
            raw.SQLITE_IOERR when code == raw.SQLITE_IOERR_SHMSIZE => Full(path, schema),
            raw.SQLITE_CANTOPEN when File.Exists(path) && FreeBytes(path) < LeastForSideFiles => Full(path, schema),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (SqliteProblem.Busy, $"{path} is locked by another process. Try again when that has ended"),
            raw.SQLITE_CORRUPT => (SqliteProblem.Corrupt, $"{path} is damaged ({detail}). Restore it from a copy, or move its whole folder away to start anew"),
            raw.SQLITE_NOTADB => (SqliteProblem.Corrupt, $"{path} is no database. Restore it from a copy, move its whole folder away to start anew, or name another folder"),
            raw.SQLITE_READONLY => (SqliteProblem.ReadOnly, $"The {schema.Subject} {path} can't be changed: {WhyReadOnly(path)}"),
            raw.SQLITE_CANTOPEN => (SqliteProblem.CannotOpen, $"{path} could not be opened. Check that its folder exists and that this user may enter it"),
            raw.SQLITE_CONSTRAINT => (SqliteProblem.Constraint, $"{path}: {detail}"),
            raw.SQLITE_IOERR => (SqliteProblem.Disk, $"{path} could not be read or written: the disk answered with an error ({detail})"),
            raw.SQLITE_PERM or raw.SQLITE_AUTH => (SqliteProblem.CannotOpen, $"{path} may not be opened by this user"),
            _ => (SqliteProblem.Misuse, $"{path}: {detail} (SQLite error {code})"),
        };
        return new SqliteStoreException(problem, sentence);
    }

    private static (SqliteProblem Problem, string Sentence) Full(string path, SqliteSchema schema) =>
        (SqliteProblem.Full, $"{path} could not be written: its disk is full ({FreeBytes(path) / 1000} kB are left). {schema.WhenFull}");

    private static long FreeBytes(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }

    private static string WhyReadOnly(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite).Dispose();
            return "a file beside it can't be made; see that its folder may be written";
        }
        catch (UnauthorizedAccessException)
        {
            return "this user may only read it; run the command as its owner, or name another folder";
        }
        catch (IOException)
        {
            return "its file system is mounted read-only; mount it for writing, or name another folder";
        }
    }
}
