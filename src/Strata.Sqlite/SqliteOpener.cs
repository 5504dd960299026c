using SQLitePCL;

namespace Strata.Sqlite;

/// <summary>Opens connections to one file, and brings the file to the schema's version the first time.</summary>
internal sealed class SqliteOpener
{
    private readonly string _path;
    private readonly SqliteSchema _schema;
    private readonly SqliteOptions _options;
    private bool _checked;

    private enum Access
    {
        Shared,
        Writing,
        Alone,
        Unchanging,
    }

    // Named here because ahead-of-time compilation leaves nothing for a search by reflection to find.
    static SqliteOpener() => raw.SetProvider(new SQLite3Provider_e_sqlite3());

    public SqliteOpener(string path, SqliteSchema schema, SqliteOptions options) => (_path, _schema, _options) = (path, schema, options);

    /// <summary>
    /// A write-ahead database wants two side files even to be read: the log, and the shared index of the log. Where they can't be made
    /// the database is read without them: on a full disk, keeping others out for that moment, with the index in memory
    /// (https://sqlite.org/wal.html#noshm); where it may not be written at all, as a file that does not change, which is looked at afterwards.
    /// </summary>
    public Reader OpenReader()
    {
        if (_schema.IsInMemory)
        {
            return new Reader(OpenWriter(), IsShared: true);
        }
        try
        {
            return new Reader(OpenChecked(Access.Shared), IsShared: true);
        }
        catch (SqliteStoreException e) when (e.Problem is SqliteProblem.Full or SqliteProblem.CannotOpen or SqliteProblem.ReadOnly && File.Exists(_path))
        {
            return (e.Problem == SqliteProblem.Full ? OpenAlone() : null) ?? OpenUnchanging(e);
        }
    }

    public SqliteSession OpenWriter()
    {
        var session = Connect(Access.Writing);
        try
        {
            session.Script("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=16777216");
            if (_schema.IsInMemory || !Volatile.Read(ref _checked))
            {
                if (VersionOf(session) < _schema.Version)
                {
                    Migrate(session);
                }
                Volatile.Write(ref _checked, true);
            }
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Throws when the file's version is beyond what this program knows.</summary>
    public void RefuseNewer(SqliteSession session) => RefuseNewer(SqliteSchema.Read(StampOf(session)).Needed);

    private void RefuseNewer(int needed)
    {
        if (needed > _schema.Version)
        {
            throw new SqliteStoreException(
                SqliteProblem.Newer,
                $"The {_schema.Subject} {_path} was written by a newer strata (its format is {needed}, this program knows {_schema.Version}). Use that newer strata, or another folder");
        }
    }

    private static int StampOf(SqliteSession session) => (int)session.Number("PRAGMA user_version")!.Value;

    private SqliteSession OpenChecked(Access access)
    {
        var session = Connect(access);
        try
        {
            if (VersionOf(session) < _schema.Version)
            {
                // Closed first: who keeps others out would wait for itself.
                session.Dispose();
                OpenWriter().Dispose();
                session = Connect(access);
            }
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Null where even the log can't be made.</summary>
    private Reader? OpenAlone()
    {
        var deadline = Environment.TickCount64 + (long)_options.BusyTimeout.TotalMilliseconds;
        while (true)
        {
            try
            {
                return new Reader(OpenChecked(Access.Alone), IsShared: false);
            }
            catch (SqliteStoreException e) when (e.Problem == SqliteProblem.Busy && Environment.TickCount64 < deadline)
            {
                // Two that want it for themselves at once: both are turned away, and come back at different times.
                Thread.Sleep(Random.Shared.Next(1, 20));
                // Or somebody works with it: then the side files are there by now.
                if (TryOpenShared() is { } shared)
                {
                    return shared;
                }
            }
            catch (SqliteStoreException e) when (e.Problem is SqliteProblem.Full or SqliteProblem.CannotOpen or SqliteProblem.ReadOnly)
            {
                return null;
            }
        }
    }

    private Reader? TryOpenShared()
    {
        try
        {
            return new Reader(OpenChecked(Access.Shared), IsShared: true);
        }
        catch (SqliteStoreException e) when (e.Problem is SqliteProblem.Full or SqliteProblem.CannotOpen or SqliteProblem.ReadOnly or SqliteProblem.Busy)
        {
            return null;
        }
    }

    private Reader OpenUnchanging(SqliteStoreException reason)
    {
        var stamp = DatabaseStamp.Of(_path);
        return stamp.HasLog
            ? throw new SqliteStoreException(
                reason.Problem,
                $"The {_schema.Subject} {_path} was not closed by who wrote it last, and can't be put in order here: {reason.Message}")
            : new Reader(OpenChecked(Access.Unchanging), IsShared: false, stamp);
    }

    private SqliteSession Connect(Access access)
    {
        var (name, flags) = access switch
        {
            Access.Unchanging => (
                "file:" + _path.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3f", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal) + "?immutable=1",
                raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI),
            _ when _schema.IsInMemory => (":memory:", raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE),
            Access.Writing => (_path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE),
            _ => (_path, raw.SQLITE_OPEN_READWRITE),
        };
        var code = raw.sqlite3_open_v2(name, out var database, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        // Opening a file that may not be written succeeds as read-only; one that is missing and may not be made does not.
        if (code == raw.SQLITE_CANTOPEN && (flags & raw.SQLITE_OPEN_CREATE) == 0 && !File.Exists(_path))
        {
            database.Dispose();
            code = raw.sqlite3_open_v2(name, out database, flags | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        }
        if (code != raw.SQLITE_OK)
        {
            var detail = database is null ? "" : raw.sqlite3_errmsg(database).utf8_to_string();
            database?.Dispose();
            throw SqliteStoreException.Of(code, _path, _schema, detail);
        }
        _ = raw.sqlite3_extended_result_codes(database, 1);
        // Who wants it alone does not wait inside SQLite, where it would keep the lock that another waits for.
        _ = raw.sqlite3_busy_timeout(database, access == Access.Alone ? 0 : (int)_options.BusyTimeout.TotalMilliseconds);
        var session = new SqliteSession(database, _path, _schema);
        try
        {
            // Sorting needs no file of its own: there may be no room for one.
            session.Script(access == Access.Alone ? "PRAGMA temp_store=MEMORY; PRAGMA locking_mode=EXCLUSIVE" : "PRAGMA temp_store=MEMORY");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private int VersionOf(SqliteSession session)
    {
        var (version, needed) = SqliteSchema.Read(StampOf(session));
        var application = (int)session.Number("PRAGMA application_id")!.Value;
        if (application != _schema.ApplicationId && (application != 0 || version != 0))
        {
            throw new SqliteStoreException(SqliteProblem.Corrupt, $"{_path} is another program's database, not a {_schema.Subject}. Name another folder");
        }
        RefuseNewer(needed);
        return version;
    }

    private void Migrate(SqliteSession session)
    {
        // Two processes may both be first: SQLite refuses the switch while the other is at it, without waiting.
        var deadline = Environment.TickCount64 + (long)_options.BusyTimeout.TotalMilliseconds;
        while (true)
        {
            try
            {
                session.Script("PRAGMA journal_mode=WAL");
                break;
            }
            catch (SqliteStoreException e) when (e.Problem == SqliteProblem.Busy && Environment.TickCount64 < deadline)
            {
                Thread.Sleep(5);
            }
        }
        session.Script("BEGIN IMMEDIATE");
        try
        {
            var found = VersionOf(session);
            for (var version = found; version < _schema.Version; version++)
            {
                session.Script(_schema.Migrations[version]);
            }
            // Somebody who knows more may have been here first.
            session.Script(found < _schema.Version ? $"PRAGMA application_id={_schema.ApplicationId}; PRAGMA user_version={_schema.Stamp}; COMMIT" : "COMMIT");
        }
        catch
        {
            if (session.InTransaction)
            {
                session.Script("ROLLBACK");
            }
            throw;
        }
    }
}
