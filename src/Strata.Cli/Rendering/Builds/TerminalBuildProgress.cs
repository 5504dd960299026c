using Strata.Build;
using Strata.Oci;

namespace Strata.Cli.Rendering.Builds;

/// <summary>
/// The build as a person watches it: every step a line with its time, under a running step the last lines it printed,
/// redrawn in place some ten times a second.
/// </summary>
internal sealed class TerminalBuildProgress : IBuildProgress
{
    private const int LogLinesShown = 6;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Output _output;
    private readonly TimeProvider _time;
    private readonly LiveRegion _region;
    private readonly ITimer _timer;
    private readonly long _begun;
    private readonly List<Row> _rows = [];
    private readonly Dictionary<Digest, Row> _byVertex = [];
    private readonly List<string> _warnings = [];
    private bool _over;

    public TerminalBuildProgress(Output output, TimeProvider time)
    {
        _output = output;
        _time = time;
        _region = new LiveRegion(output);
        _begun = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Redraw(), null, Interval, Interval);
    }

    public void Report(BuildEvent value)
    {
        lock (_lock)
        {
            if (value is BuildEvent.Started started)
            {
                var added = new Row(TerminalText.Tame(started.Name), _time.GetTimestamp());
                _rows.Add(added);
                _byVertex[value.Vertex] = added;
                return;
            }
            if (value is BuildEvent.Warning warning)
            {
                _warnings.Add(TerminalText.TameLines(warning.Message));
                return;
            }
            if (!_byVertex.TryGetValue(value.Vertex, out var row))
            {
                return;
            }
            switch (value)
            {
                case BuildEvent.Missed missed:
                    row.Why = TerminalText.Tame(missed.Why);
                    break;
                case BuildEvent.Log log:
                    foreach (var line in row.Lines.Take(log.Text))
                    {
                        row.AddLog(line);
                    }
                    break;
                case BuildEvent.Transfer transfer:
                    row.Transfers[TerminalText.Tame(transfer.Id)] = (transfer.Current, transfer.Total);
                    break;
                case BuildEvent.Cached:
                    row.End("CACHED", _time.GetTimestamp());
                    break;
                case BuildEvent.Done:
                    row.End("", _time.GetTimestamp());
                    break;
                case BuildEvent.Failed:
                    row.End("ERROR", _time.GetTimestamp());
                    break;
                case BuildEvent.Canceled:
                    row.End("CANCELED", _time.GetTimestamp());
                    break;
            }
        }
    }

    public void Finish(bool succeeded)
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }
            _over = true;
            _region.Finish(Lines(succeeded ? _output.Green("FINISHED") : _output.Red("FAILED")));
            foreach (var warning in _warnings)
            {
                _output.Line($"{_output.Yellow("warning:")} {warning}");
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Finish(succeeded: false);
    }

    private void Redraw()
    {
        lock (_lock)
        {
            if (!_over)
            {
                _region.Draw(Lines(""));
            }
        }
    }

    private List<LiveLine> Lines(string state)
    {
        var ended = _rows.Count(row => row.Ended is not null);
        var lines = new List<LiveLine>
        {
            new($"{_output.Bold("[+] Building")} {Amounts.Seconds(_time.GetElapsedTime(_begun))} ({ended}/{_rows.Count}) {state}"),
        };
        foreach (var row in _rows)
        {
            var elapsed = _time.GetElapsedTime(row.Started, row.Ended ?? _time.GetTimestamp());
            lines.Add(new LiveLine(Line(row, elapsed), row.Ended is not null));
            if (row.Ended is not null)
            {
                continue;
            }
            foreach (var (id, (current, total)) in row.Transfers)
            {
                lines.Add(new(_output.Dim($" => => {id} {Amounts.Size(current)}{(total is { } whole ? " / " + Amounts.Size(whole) : "")}")));
            }
            lines.AddRange(row.Logs.Select(log => new LiveLine(_output.Dim($" => => # {log}"))));
        }
        return lines;
    }

    private string Line(Row row, TimeSpan elapsed)
    {
        var text = row.State switch
        {
            "CACHED" => _output.Cyan(" => CACHED " + row.Name),
            "ERROR" => _output.Red(" => ERROR " + row.Name),
            "CANCELED" => _output.Dim(" => CANCELED " + row.Name),
            _ => " => " + row.Name + (row.Why is { } why ? _output.Dim($"  ({why})") : ""),
        };
        var clock = Amounts.Seconds(elapsed);
        var width = _output.Width;
        var cut = TerminalText.Cut(text, Math.Max(10, width - clock.Length - 2));
        var visible = TerminalText.Width(cut);
        return cut + new string(' ', Math.Max(1, width - visible - clock.Length - 1)) + clock;
    }

    private sealed class Row(string name, long started)
    {
        private readonly Queue<string> _logs = new();

        public string Name => name;
        public long Started => started;
        public long? Ended { get; private set; }
        public string State { get; private set; } = "";
        public string? Why { get; set; }
        public LogLines Lines { get; } = new();
        public IEnumerable<string> Logs => _logs;
        public Dictionary<string, (long Current, long? Total)> Transfers { get; } = [];

        public void AddLog(string line)
        {
            _logs.Enqueue(line);
            while (_logs.Count > LogLinesShown)
            {
                _logs.Dequeue();
            }
        }

        public void End(string state, long now)
        {
            State = state;
            Ended = now;
        }
    }
}
