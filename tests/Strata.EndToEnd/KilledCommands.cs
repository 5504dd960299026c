using System.Diagnostics;
using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>
/// Runs commands and kills them somewhere in their midst: each verb's usual duration is measured on its first run, which is left alone,
/// and kept up to date by those that come to their end.
/// </summary>
internal sealed class KilledCommands(Workplace place, Random random)
{
    private const int LeftAlone = 1;

    private readonly SortedDictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <summary>How many were killed.</summary>
    public int Kills => _counts.Values.Sum(count => count.Killed);

    /// <summary>A row for each verb.</summary>
    public IEnumerable<string> Table =>
    [
        "| verb | runs | killed inside | acknowledged | usual duration |",
        "| --- | ---: | ---: | ---: | ---: |",
        .. _counts.Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"| {pair.Key} | {pair.Value.Runs} | {pair.Value.Killed} | {pair.Value.Runs - pair.Value.Killed} | {pair.Value.Usual.TotalMilliseconds:F0} ms |")),
    ];

    /// <summary>What the command said last when it acknowledged; null when it was killed before that.</summary>
    public async Task<string?> RunAsync(string verb, params string[] arguments)
    {
        var count = _counts.TryGetValue(verb, out var known) ? known : _counts[verb] = new Count();
        count.Runs++;
        var begun = Stopwatch.GetTimestamp();
        using var process = Command.Start(Workplace.Executable, arguments, place.Environment(place.StoreRoot), redirectInput: true);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (count.Runs > LeftAlone)
        {
            // Later more often than sooner: the first half of a short command is its start.
            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(count.Usual * Math.Sqrt(random.NextDouble())));
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
        await process.WaitForExitAsync();
        var said = (await output).Trim();
        var words = $"{verb} left with {process.ExitCode}: {said} {await error}";
        if (process.ExitCode == 0)
        {
            var took = Stopwatch.GetElapsedTime(begun);
            count.Usual = count.Usual == TimeSpan.Zero ? took : (count.Usual * 3 + took) / 4;
            return said[(said.LastIndexOf('\n') + 1)..];
        }
        // 128 + SIGKILL; whatever else it is, nobody asked for it.
        Assert.True(process.ExitCode == 137, words);
        count.Killed++;
        return null;
    }

    private sealed class Count
    {
        public int Runs { get; set; }

        public int Killed { get; set; }

        public TimeSpan Usual { get; set; }
    }
}
