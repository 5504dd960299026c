using SQLitePCL;

namespace Strata.Sqlite;

/// <summary>
/// One connection, used by one thread at a time. Statements are prepared once and kept, so SQL texts are constants; values go in as
/// <c>?1</c>, <c>?2</c>… A function that reads rows may run other statements on the same session.
/// </summary>
public sealed class SqliteSession : IDisposable
{
    private const int MaxKept = 256;
    private readonly sqlite3 _database;
    private readonly string _path;
    private readonly SqliteSchema _schema;
    private readonly Dictionary<string, sqlite3_stmt> _idle = new(StringComparer.Ordinal);

    internal SqliteSession(sqlite3 database, string path, SqliteSchema schema) => (_database, _path, _schema) = (database, path, schema);

    /// <summary>The rowid of the last insert.</summary>
    public long LastInsertId => raw.sqlite3_last_insert_rowid(_database);

    /// <summary>Told of the text of each statement as it starts: that few are enough can be shown so.</summary>
    public Action<string>? Started { get; set; }

    internal bool InTransaction => raw.sqlite3_get_autocommit(_database) == 0;

    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var statement = Start(sql, values);
        try
        {
            while (Step(statement))
            {
            }
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            Finish(sql, statement);
        }
    }

    /// <summary>What <paramref name="read"/> makes of the first row; the type's default when there is none.</summary>
    public T? First<T>(string sql, Func<SqliteRow, T> read, params ReadOnlySpan<SqliteValue> values)
    {
        var statement = Start(sql, values);
        try
        {
            return Step(statement) ? read(new SqliteRow(statement)) : default;
        }
        finally
        {
            Finish(sql, statement);
        }
    }

    public List<T> Query<T>(string sql, Func<SqliteRow, T> read, params ReadOnlySpan<SqliteValue> values)
    {
        var rows = new List<T>();
        var statement = Start(sql, values);
        try
        {
            while (Step(statement))
            {
                rows.Add(read(new SqliteRow(statement)));
            }
            return rows;
        }
        finally
        {
            Finish(sql, statement);
        }
    }

    /// <summary>Hands every row to <paramref name="visit"/> and keeps none.</summary>
    public void Each(string sql, Action<SqliteRow> visit, params ReadOnlySpan<SqliteValue> values)
    {
        var statement = Start(sql, values);
        try
        {
            while (Step(statement))
            {
                visit(new SqliteRow(statement));
            }
        }
        finally
        {
            Finish(sql, statement);
        }
    }

    /// <summary>The number in the first column of the first row; null for no row or NULL.</summary>
    public long? Number(string sql, params ReadOnlySpan<SqliteValue> values) => First(sql, static row => row.LongOrNull(0), values);

    /// <summary>The text in the first column of the first row; null for no row or NULL.</summary>
    public string? Text(string sql, params ReadOnlySpan<SqliteValue> values) => First(sql, static row => row.TextOrNull(0), values);

    public bool Any(string sql, params ReadOnlySpan<SqliteValue> values) => First(sql, static _ => true, values);

    /// <summary>Runs the statements of a script, separated by semicolons, without values; nothing of it is kept.</summary>
    public void Script(string sql)
    {
        var code = raw.sqlite3_exec(_database, sql);
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    public void Dispose()
    {
        foreach (var statement in _idle.Values)
        {
            statement.Dispose();
        }
        _idle.Clear();
        _database.Dispose();
    }

    private sqlite3_stmt Start(string sql, ReadOnlySpan<SqliteValue> values)
    {
        Started?.Invoke(sql);
        // Taken out while it runs: the same text inside itself gets a statement of its own.
        if (!_idle.Remove(sql, out var statement))
        {
            var prepared = raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement);
            if (prepared != raw.SQLITE_OK)
            {
                throw Failure(prepared);
            }
        }
        for (var i = 0; i < values.Length; i++)
        {
            var code = values[i].BindTo(statement, i + 1);
            if (code != raw.SQLITE_OK)
            {
                statement.Dispose();
                throw Failure(code);
            }
        }
        return statement;
    }

    private bool Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw Failure(code),
        };
    }

    private void Finish(string sql, sqlite3_stmt statement)
    {
        _ = raw.sqlite3_reset(statement);
        _ = raw.sqlite3_clear_bindings(statement);
        if (_idle.Count >= MaxKept || !_idle.TryAdd(sql, statement))
        {
            statement.Dispose();
        }
    }

    private SqliteStoreException Failure(int code)
    {
        if (raw.sqlite3_extended_errcode(_database) is var extended && extended != raw.SQLITE_OK)
        {
            code = extended;
        }
        // What can't be opened then is a side file that would have to be made.
        if ((code & 0xff) == raw.SQLITE_CANTOPEN && raw.sqlite3_db_readonly(_database, "main") == 1)
        {
            code = raw.SQLITE_READONLY;
        }
        return SqliteStoreException.Of(code, _path, _schema, raw.sqlite3_errmsg(_database).utf8_to_string());
    }
}
