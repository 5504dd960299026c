using System.Diagnostics.CodeAnalysis;

namespace Strata.Sqlite;

/// <summary>
/// The one writer of a database in this process. What is queued while a commit is on its way to the disk shares the next one, so that
/// the cost of a sync is divided by the number of those who wait for it.
/// </summary>
internal sealed class GroupCommitWriter : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Bounds how long other processes wait for one transaction.</summary>
    private const int MaxBatch = 1024;

    private readonly SqliteOpener _opener;
    private readonly Lock _queueGate = new();
    private readonly Lock _sessionGate = new();
    private List<WriteCommand> _queue = [];
    private SqliteSession? _session;
    private bool _draining;
    private bool _disposed;

    public GroupCommitWriter(SqliteOpener opener) => _opener = opener;

    public Task<T> Enqueue<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        var command = new WriteCommand<T>(body, cancellationToken);
        lock (_queueGate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _queue.Add(command);
            if (_draining)
            {
                return command.Task;
            }
            _draining = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return command.Task;
    }

    public T RunNow<T>(Func<SqliteSession, T> body)
    {
        var command = new WriteCommand<T>(body, CancellationToken.None);
        lock (_sessionGate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Commit([command]);
        }
        return command.ResultNow();
    }

    public void Checkpoint()
    {
        lock (_sessionGate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _session ??= _opener.OpenWriter();
            // Answers with a row, also when somebody is in the way.
            _session.Query("PRAGMA wal_checkpoint(TRUNCATE)", static row => row.Int(0));
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            List<WriteCommand> batch;
            lock (_sessionGate)
            {
                lock (_queueGate)
                {
                    batch = Take();
                    if (batch.Count == 0 && _queue.Count == 0)
                    {
                        _draining = false;
                        return;
                    }
                }
                Commit(batch);
            }
            batch.ForEach(c => c.Complete());
        }
    }

    public void Dispose()
    {
        lock (_queueGate)
        {
            _disposed = true;
        }
        lock (_sessionGate)
        {
            // What was queued before is still committed: nobody is left waiting.
            while (true)
            {
                List<WriteCommand> batch;
                lock (_queueGate)
                {
                    batch = Take();
                    if (batch.Count == 0 && _queue.Count == 0)
                    {
                        break;
                    }
                }
                Commit(batch);
                batch.ForEach(c => c.Complete());
            }
            _session?.Dispose();
            _session = null;
        }
    }

    private List<WriteCommand> Take()
    {
        var batch = new List<WriteCommand>();
        var count = Math.Min(_queue.Count, MaxBatch);
        foreach (var command in _queue.Take(count))
        {
            if (command.IsCanceled)
            {
                command.Cancel();
            }
            else
            {
                batch.Add(command);
            }
        }
        if (count == _queue.Count)
        {
            _queue.Clear();
        }
        else
        {
            _queue = _queue[count..];
        }
        return batch;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Every failure reaches the tasks of those who queued the commands.")]
    private void Commit(List<WriteCommand> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }
        try
        {
            _session ??= _opener.OpenWriter();
            _session.Execute("BEGIN IMMEDIATE");
            // A newer program may have migrated the file since it was opened.
            _opener.RefuseNewer(_session);
            foreach (var command in batch)
            {
                RunOne(_session, command, alone: batch.Count == 1);
            }
            if (_session.InTransaction)
            {
                _session.Execute("COMMIT");
            }
        }
        catch (Exception problem)
        {
            batch.ForEach(c => c.Fail(problem));
            if (_session is { InTransaction: true })
            {
                Abandon();
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A command's failure is its own, and reaches its task.")]
    private static void RunOne(SqliteSession session, WriteCommand command, bool alone)
    {
        if (!alone)
        {
            session.Execute("SAVEPOINT command");
        }
        try
        {
            command.Run(session);
        }
        catch (Exception problem)
        {
            // A full disk or an I/O error can end the whole transaction: then nothing of this batch happened.
            if (!session.InTransaction)
            {
                throw;
            }
            command.Fail(problem);
            session.Execute(alone ? "ROLLBACK" : "ROLLBACK TO command");
        }
        if (!alone)
        {
            session.Execute("RELEASE command");
        }
    }

    /// <summary>A connection whose transaction would not end is thrown away: closing it rolls back.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The first failure is the one to report.")]
    private void Abandon()
    {
        try
        {
            _session!.Execute("ROLLBACK");
        }
        catch (Exception)
        {
            _session!.Dispose();
            _session = null;
        }
    }
}
