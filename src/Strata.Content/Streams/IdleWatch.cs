namespace Strata.Content.Streams;

/// <summary>Cancels when nothing has happened for a while; <see cref="Touch"/> says that something has.</summary>
public sealed class IdleWatch : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _both;

    public IdleWatch(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _timer = new CancellationTokenSource(limit, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    /// <summary>Cancelled by the idle time or by the caller.</summary>
    public CancellationToken Token => _both.Token;

    public bool HasExpired => _timer.IsCancellationRequested;

    /// <param name="patience">How many times the usual limit may pass from now.</param>
    public void Touch(int patience = 1) => _timer.CancelAfter(_limit * patience);

    public void Dispose()
    {
        _both.Dispose();
        _timer.Dispose();
    }
}
