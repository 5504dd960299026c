namespace Strata.EndToEnd;

/// <summary>
/// Which calls fail, or are a process's last, while something is pushed, removed or repaired: each by its number in the long run, some of
/// them otherwise.
/// </summary>
internal sealed class Strikes
{
    private const int MostCalls = 60;

    // strace counts the calls of each thread; the first eight small writes of every command are those of the database's shared index.
    private static readonly (string Fault, int[] Some)[] Faults =
    [
        ("fsync,fdatasync:error=EIO", [1]),
        ("pwrite64:error=ENOSPC", [9]),
        ("pwrite64:error=EIO", [1]),
        ("unlink,unlinkat:error=EIO", [1]),
        ("unlink,unlinkat:signal=KILL", [1]),
        ("fsync,fdatasync:signal=KILL", [1, 2]),
        ("rename,renameat,renameat2:signal=KILL", [1]),
    ];

    private bool _hit;
    private int _struck;

    /// <summary>Each is answered through <see cref="Note"/>; a fault that found no call of its number finds none of a higher one.</summary>
    public IEnumerable<Strike> All()
    {
        foreach (var (fault, some) in Faults)
        {
            foreach (var number in LongRun.Is ? Enumerable.Range(1, MostCalls) : some)
            {
                _hit = false;
                yield return new Strike(fault, number);
                if (!_hit)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Whether there was such a call.</summary>
    public void Note(bool hit)
    {
        _hit = hit;
        _struck += hit ? 1 : 0;
    }

    /// <summary>For the long run's summary, once enough have struck to tell anything.</summary>
    public void Tell(string subject, string each)
    {
        Assert.True(_struck >= 4, $"only {_struck} faults struck");
        Summary.Add($"- injected faults, {subject}: {_struck} struck, each followed by {each}");
    }
}

/// <param name="Fault">Calls and what happens to them, as strace's inject has it.</param>
/// <param name="Number">Which of them.</param>
internal sealed record Strike(string Fault, int Number)
{
    public string Injection => $"{Fault}:when={Number}";

    public bool Kills => Fault.Contains("KILL", StringComparison.Ordinal);

    public override string ToString() => $"{Fault} at call {Number}";
}
