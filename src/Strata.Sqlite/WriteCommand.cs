using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Strata.Sqlite;

/// <summary>A queued write; its outcome is kept back until the commit says whether it happened.</summary>
internal abstract class WriteCommand
{
    public abstract bool IsCanceled { get; }

    public abstract void Run(SqliteSession session);

    public abstract void Fail(Exception problem);

    public abstract void Complete();

    public abstract void Cancel();
}

[SuppressMessage("Design", "CA1031", Justification = "What the command threw belongs to the task of the one who queued it.")]
internal sealed class WriteCommand<T> : WriteCommand
{
    private readonly Func<SqliteSession, T> _body;
    private readonly CancellationToken _cancellationToken;
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _problem;

    public WriteCommand(Func<SqliteSession, T> body, CancellationToken cancellationToken) => (_body, _cancellationToken) = (body, cancellationToken);

    public Task<T> Task => _completion.Task;

    public override bool IsCanceled => _cancellationToken.IsCancellationRequested;

    public override void Run(SqliteSession session) => _result = _body(session);

    public override void Fail(Exception problem) => _problem = problem;

    public override void Complete()
    {
        if (_problem is { } problem)
        {
            _completion.SetException(problem);
        }
        else
        {
            _completion.SetResult(_result!);
        }
    }

    public override void Cancel() => _completion.SetCanceled(_cancellationToken);

    /// <summary>For the caller that ran it on its own thread.</summary>
    public T ResultNow()
    {
        if (_problem is { } problem)
        {
            ExceptionDispatchInfo.Throw(problem);
        }
        return _result!;
    }
}
