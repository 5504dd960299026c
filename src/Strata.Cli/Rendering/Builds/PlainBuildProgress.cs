using System.Globalization;
using Strata.Build;
using Strata.Oci;

namespace Strata.Cli.Rendering.Builds;

/// <summary>
/// One line after another, for logs and pipes, in BuildKit's plain form: <c>#4 [2/5] WORKDIR /app</c>, <c>#4 DONE 0.1s</c>.
/// A vertex gets its number when it is first shown.
/// </summary>
internal sealed class PlainBuildProgress(Output output, TimeProvider time) : IBuildProgress
{
    /// <summary>In bytes: what is smaller is told when it is done, which is soon.</summary>
    private const long WorthTelling = 32L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, Row> _rows = [];
    private Row? _shown;

    public void Report(BuildEvent value)
    {
        lock (_lock)
        {
            if (value is BuildEvent.Started started)
            {
                var number = _rows.Count + 1;
                _rows[value.Vertex] = new Row(number, TerminalText.Tame(started.Name), time.GetTimestamp());
                return;
            }
            if (!_rows.TryGetValue(value.Vertex, out var row))
            {
                if (value is BuildEvent.Warning alone)
                {
                    output.Line($"WARNING: {TerminalText.TameLines(alone.Message)}");
                    output.Flush();
                }
                return;
            }
            switch (value)
            {
                case BuildEvent.Missed missed:
                    Say(row, $"# {TerminalText.Tame(missed.Why)}");
                    break;
                case BuildEvent.Log log:
                    foreach (var line in row.Lines.Take(log.Text))
                    {
                        Say(row, $"{Elapsed(row)} {line}");
                    }
                    break;
                case BuildEvent.Transfer { Current: 0, Total: null or >= WorthTelling } begun:
                    Say(row, $"{TerminalText.Tame(begun.Id)}{(begun.Total is { } size ? " " + Amounts.Size(size) : "")} …");
                    break;
                case BuildEvent.Transfer { Total: { } total } transfer when transfer.Current == total:
                    Say(row, $"{TerminalText.Tame(transfer.Id)} {Amounts.Size(total)} done");
                    break;
                case BuildEvent.Warning warning:
                    Say(row, $"WARNING: {TerminalText.TameLines(warning.Message)}");
                    break;
                case BuildEvent.Cached:
                    End(row, "CACHED");
                    break;
                case BuildEvent.Done:
                    End(row, $"DONE {Amounts.Seconds(time.GetElapsedTime(row.Started))}");
                    break;
                case BuildEvent.Failed failed:
                    End(row, $"ERROR: {TerminalText.TameLines(failed.Message)}");
                    break;
                case BuildEvent.Canceled:
                    End(row, "CANCELED");
                    break;
            }
            output.Flush();
        }
    }

    public void Finish(bool succeeded) => output.Flush();

    public void Dispose() => output.Flush();

    private void Say(Row row, string text)
    {
        if (_shown != row)
        {
            if (_shown is { Ended: false })
            {
                output.Line($"#{_shown.Number} ...");
                output.Line();
            }
            output.Line($"#{row.Number} {row.Name}");
            _shown = row;
        }
        output.Line($"#{row.Number} {text}");
    }

    private void End(Row row, string text)
    {
        if (row.Lines.TakeRest() is { } rest)
        {
            Say(row, $"{Elapsed(row)} {rest}");
        }
        Say(row, text);
        row.Ended = true;
        output.Line();
        _shown = null;
    }

    private string Elapsed(Row row)
    {
        var seconds = time.GetElapsedTime(row.Started).TotalSeconds;
        var format = seconds switch { < 10 => "F3", < 100 => "F2", _ => "F1" };
        return seconds.ToString(format, CultureInfo.InvariantCulture);
    }

    private sealed class Row(int number, string name, long started)
    {
        public int Number => number;
        public string Name => name;
        public long Started => started;
        public LogLines Lines { get; } = new();
        public bool Ended { get; set; }
    }
}
