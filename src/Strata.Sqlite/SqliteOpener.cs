using SQLitePCL;

namespace Strata.Sqlite;

/// <summary>Opens connections to one file, and brings the file to the schema's version the first time.</summary>
internal sealed class SqliteOpener
{
    private readonly string _path;
    private readonly SqliteSchema _schema;
    private readonly SqliteOptions _options;
    private bool _checked;
    private bool _immutable;

    // Named here because ahead-of-time compilation leaves nothing for a search by reflection to find.
    static SqliteOpener() => raw.SetProvider(new SQLite3Provider_e_sqlite3());

    public SqliteOpener(string path, SqliteSchema schema, SqliteOptions options) => (_path, _schema, _options) = (path, schema, options);

    public SqliteSession OpenReader()
    {
        var session = Connect(raw.SQLITE_OPEN_READWRITE);
        try
        {
            return CheckForReading(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public SqliteSession OpenWriter()
    {
        var session = Connect(raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        try
        {
            session.Script("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=16777216");
            if (!Volatile.Read(ref _checked))
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
    public void RefuseNewer(SqliteSession session) => RefuseNewer((int)session.Number("PRAGMA user_version")!.Value);

    private void RefuseNewer(int version)
    {
        if (version > _schema.Version)
        {
            throw new SqliteStoreException(
                SqliteProblem.Newer,
                $"The {_schema.Subject} {_path} was written by a newer strata (its format is {version}, this program knows {_schema.Version}). Use that newer strata, or another folder");
        }
    }

    private SqliteSession CheckForReading(SqliteSession session)
    {
        if (Volatile.Read(ref _checked))
        {
            return session;
        }
        int version;
        try
        {
            version = VersionOf(session);
        }
        catch (SqliteStoreException e) when (!_immutable && File.Exists(_path) && e.Problem is SqliteProblem.CannotOpen or SqliteProblem.ReadOnly)
        {
            // A write-ahead database needs its side files even to be read; where these can't be made, nobody can write it either.
            session.Dispose();
            _immutable = true;
            session = Connect(raw.SQLITE_OPEN_READONLY);
            version = VersionOf(session);
        }
        if (version < _schema.Version)
        {
            OpenWriter().Dispose();
        }
        Volatile.Write(ref _checked, true);
        return session;
    }

    private SqliteSession Connect(int flags)
    {
        var name = _immutable
            ? "file:" + _path.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3f", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal) + "?immutable=1"
            : _path;
        if (_immutable)
        {
            flags = raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI;
        }
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
            throw SqliteStoreException.Of(code, _path, detail);
        }
        _ = raw.sqlite3_extended_result_codes(database, 1);
        _ = raw.sqlite3_busy_timeout(database, (int)_options.BusyTimeout.TotalMilliseconds);
        return new SqliteSession(database, _path);
    }

    private int VersionOf(SqliteSession session)
    {
        var version = (int)session.Number("PRAGMA user_version")!.Value;
        var application = (int)session.Number("PRAGMA application_id")!.Value;
        if (application != _schema.ApplicationId && (application != 0 || version != 0))
        {
            throw new SqliteStoreException(SqliteProblem.Corrupt, $"{_path} is another program's database, not a {_schema.Subject}. Name another folder");
        }
        RefuseNewer(version);
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
            for (var version = VersionOf(session); version < _schema.Version; version++)
            {
                session.Script(_schema.Migrations[version]);
            }
            session.Script($"PRAGMA application_id={_schema.ApplicationId}; PRAGMA user_version={_schema.Version}; COMMIT");
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
