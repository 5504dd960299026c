namespace Strata.Registry.Http;

/// <summary>Cancels what waits for a client when nothing has moved for too long; a slow client that moves is never cut off.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _aborted;
    private readonly TimeSpan _limit;

    public IdleWatch(TimeSpan limit, TimeProvider time, CancellationToken aborted)
    {
        _limit = limit;
        _source = new CancellationTokenSource(limit, time);
        _aborted = aborted.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    public void Moved() => _source.CancelAfter(_limit);

    public void Dispose()
    {
        _aborted.Dispose();
        _source.Dispose();
    }
}
