using System.Globalization;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Remote.Retrying;

namespace Strata.Cli.Rendering.Transfers;

/// <summary>
/// Blobs on their way: on a terminal a bar each with bytes, speed and time left, elsewhere a line when one is done. What is tried again is
/// told at once. Quiet shows nothing.
/// </summary>
internal sealed class TransferProgress : IProgress<TransferEvent>, IProgress<RetryNotice>, IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Output _output;
    private readonly TimeProvider _time;
    private readonly bool _quiet;
    private readonly LiveRegion? _region;
    private readonly ITimer? _timer;
    private readonly List<Row> _rows = [];
    private readonly Dictionary<Digest, Row> _byDigest = [];

    public TransferProgress(Output output, TimeProvider time, bool quiet)
    {
        _output = output;
        _time = time;
        _quiet = quiet;
        if (!quiet && output.CanRedraw)
        {
            _region = new LiveRegion(output);
            _timer = time.CreateTimer(_ => Redraw(), null, Interval, Interval);
        }
    }

    public void Report(TransferEvent value)
    {
        lock (_lock)
        {
            if (!_byDigest.TryGetValue(value.Blob.Digest, out var row))
            {
                row = new Row(value.Blob, _time.GetTimestamp());
                _byDigest[value.Blob.Digest] = row;
                _rows.Add(row);
            }
            switch (value)
            {
                case TransferEvent.Advanced advanced:
                    row.Bytes = advanced.Bytes;
                    return;
                case TransferEvent.Finished:
                    row.Bytes = row.Blob.Size;
                    row.State = "done";
                    break;
                case TransferEvent.Skipped skipped:
                    row.State = skipped.MountedFrom is { } from ? $"mounted from {from}" : "already there";
                    break;
                default:
                    return;
            }
            if (_region is not null && _rows.TrueForAll(known => known.State is not null))
            {
                // At once, and not at the next tick: what comes now may own the terminal.
                _region.Finish(Lines());
                _rows.Clear();
            }
            if (_region is null && !_quiet)
            {
                _output.Line(string.Create(CultureInfo.InvariantCulture, $"{row.Blob.Digest.Short}  {Amounts.Size(row.Blob.Size)}  {row.State}"));
                _output.Flush();
            }
        }
    }

    public void Report(RetryNotice value)
    {
        if (_quiet)
        {
            return;
        }
        lock (_lock)
        {
            // Above the bars, and it stays there.
            _region?.Clear();
            _output.Line($"{_output.Yellow("again:")} {TerminalText.Tame(value.Line)}");
            _output.Flush();
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_lock)
        {
            _region?.Finish(Lines());
            // A tick may wait for the lock, and would draw them once more.
            _rows.Clear();
        }
    }

    private void Redraw()
    {
        lock (_lock)
        {
            if (_rows.Count > 0)
            {
                _region!.Draw(Lines());
            }
        }
    }

    private List<LiveLine> Lines() => [.. _rows.Select(row => new LiveLine(Line(row), row.State is not null))];

    private string Line(Row row)
    {
        var head = $"{row.Blob.Digest.Short}  ";
        if (row.State is { } state)
        {
            return $"{head}{_output.Green(new string('━', BarWidth))}  {Amounts.Size(row.Blob.Size),8}  {state}";
        }
        var part = row.Blob.Size == 0 ? 1 : Math.Clamp((double)row.Bytes / row.Blob.Size, 0, 1);
        var full = (int)(part * BarWidth);
        var seconds = _time.GetElapsedTime(row.Started).TotalSeconds;
        var speed = seconds > 0 ? row.Bytes / seconds : 0;
        var left = speed > 0 ? TimeSpan.FromSeconds((row.Blob.Size - row.Bytes) / speed) : TimeSpan.Zero;
        return $"{head}{_output.Cyan(new string('━', full))}{_output.Dim(new string('─', BarWidth - full))}  "
            + $"{Amounts.Size(row.Bytes),8} / {Amounts.Size(row.Blob.Size)}  {Amounts.Size((long)speed)}/s  {Amounts.Seconds(left)} left";
    }

    private sealed class Row(Descriptor blob, long started)
    {
        public Descriptor Blob => blob;
        public long Started => started;
        public long Bytes { get; set; }
        public string? State { get; set; }
    }
}
