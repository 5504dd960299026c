namespace Strata.Remote.Retrying;

/// <summary>
/// How often one request or transfer may still fail. Pauses double, with some chance in them so that many clients do not come back
/// at the same moment, and what the server asks for (Retry-After) is done unless it is too long to wait for. Used by one task at a time.
/// </summary>
internal sealed class RetryBudget(string registry, string what, IProgress<RetryNotice>? notices, RegistryClientOptions options)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWaitInAll = TimeSpan.FromMinutes(2);
    private TimeSpan _waited;

    /// <summary>In a row.</summary>
    public int Failures { get; private set; }

    /// <summary>Waits, after saying so, until the next try is due; false when there is none.</summary>
    public async Task<bool> WaitAsync(Fault fault, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Failures++;
        if (Failures >= fault.Tries)
        {
            return false;
        }
        var pause = fault.Asked ?? fault.FirstPause * (1 << Math.Min(Failures - 1, 10)) * (0.75 + (options.Chance() / 2));
        if (pause > LongestPause || _waited + pause > LongestWaitInAll)
        {
            return false;
        }
        _waited += pause;
        notices?.Report(new RetryNotice(registry, what, fault.Reason, Failures, fault.Tries, pause));
        await Task.Delay(pause, options.Time, cancellationToken);
        return true;
    }

    /// <summary>It went on: what failed before does not count any more.</summary>
    public void Progressed() => Failures = 0;
}
