using System.Collections.Concurrent;

namespace Strata.Sqlite;

/// <summary>
/// One SQLite file in write-ahead mode, shared by threads and by processes. Opening costs nothing until the first use.
/// Reads run on the caller's thread, on a connection of their own; writes go one after the other through <see cref="WriteAsync{T}"/>,
/// which commits many at once, or <see cref="Write{T}"/>. A function that writes does no other I/O and never waits: the whole machine waits for it.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    private const int MostAttempts = 5;
    private readonly SqliteOpener _opener;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly int _keptReaders;
    private readonly GroupCommitWriter _writer;
    private volatile bool _disposed;

    private SqliteDatabase(string path, SqliteSchema schema, SqliteOptions options)
    {
        Path = path;
        _opener = new SqliteOpener(path, schema, options);
        _keptReaders = options.KeptReaders;
        _writer = new GroupCommitWriter(_opener);
    }

    public string Path { get; }

    /// <summary>Makes the file at its first use if it is missing, and migrates it if it is older.</summary>
    public static SqliteDatabase Open(string path, SqliteSchema schema, SqliteOptions? options = null) => new(path, schema, options ?? SqliteOptions.Default);

    /// <summary>Statements that are to see the same state go into <see cref="ReadTogether{T}"/>.</summary>
    /// <param name="read">May run again from its start, where a database that can't be locked changed under it.</param>
    /// <exception cref="SqliteStoreException">The database can't be read.</exception>
    public T Read<T>(Func<SqliteSession, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_readers.TryTake(out var kept))
        {
            return ReadAndKeep(kept, read);
        }
        for (var attempt = 1; ; attempt++)
        {
            var reader = _opener.OpenReader();
            if (reader.IsShared)
            {
                return ReadAndKeep(reader.Session, read);
            }
            using (reader.Session)
            {
                try
                {
                    var result = read(reader.Session);
                    if (IsTrue(reader))
                    {
                        return result;
                    }
                }
                catch (Exception) when (!IsTrue(reader))
                {
                    // What it saw was half of a change.
                }
            }
            if (attempt == MostAttempts)
            {
                throw new SqliteStoreException(SqliteProblem.Busy, $"{Path} changes while it is read, and can't be locked here. Try again in a moment");
            }
        }
    }

    /// <summary>As <see cref="Read{T}"/>, all statements seeing the same state of the database.</summary>
    public T ReadTogether<T>(Func<SqliteSession, T> read) => Read(session =>
    {
        session.Execute("BEGIN");
        try
        {
            return read(session);
        }
        finally
        {
            if (session.InTransaction)
            {
                session.Execute("COMMIT");
            }
        }
    });

    /// <summary>
    /// Queues a write; commands that are waiting together are committed together, each in a savepoint of its own, so one that throws undoes
    /// only itself. The task ends when the commit is on disk. A command that has begun is no longer cancelled.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> command, CancellationToken cancellationToken) => _writer.Enqueue(command, cancellationToken);

    /// <summary>A write on the caller's thread, committed when this returns: for programs that do one thing and end.</summary>
    public T Write<T>(Func<SqliteSession, T> command) => _writer.RunNow(command);

    /// <summary>Moves what the log holds into the file, so that the log begins anew. Others who read may keep it from that; that is no error.</summary>
    public void Checkpoint() => _writer.Checkpoint();

    public void Dispose()
    {
        _disposed = true;
        _writer.Dispose();
        while (_readers.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    private bool IsTrue(Reader reader) => reader.Stamp is not { } stamp || stamp == DatabaseStamp.Of(Path);

    private T ReadAndKeep<T>(SqliteSession session, Func<SqliteSession, T> read)
    {
        try
        {
            return read(session);
        }
        finally
        {
            if (_disposed || _readers.Count >= _keptReaders)
            {
                session.Dispose();
            }
            else
            {
                _readers.Add(session);
            }
        }
    }
}
