namespace Strata.Testing;

/// <summary>Time in which waiting takes only a part of itself, so that pauses between tries hold up no test.</summary>
public sealed class HastyTime(int haste) : TimeProvider
{
    /// <summary>A second is a millisecond.</summary>
    public static HastyTime Instance { get; } = new(1000);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new HastyTimer(System.CreateTimer(callback, state, Shorter(dueTime, haste), Shorter(period, haste)), haste);

    private static TimeSpan Shorter(TimeSpan time, int haste) => time == Timeout.InfiniteTimeSpan ? time : time / haste;

    private sealed class HastyTimer(ITimer inner, int haste) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(Shorter(dueTime, haste), Shorter(period, haste));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
