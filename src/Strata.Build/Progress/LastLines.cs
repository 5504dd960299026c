using System.Collections.Immutable;
using System.Text;

namespace Strata.Build;

/// <summary>The end of what a command printed, however much that was.</summary>
internal sealed class LastLines
{
    private const int MostLines = 20;
    private const int LongestLine = 2000;

    private readonly Queue<string> _lines = new();
    private readonly List<byte> _line = [];

    public void Add(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if (b == (byte)'\n')
            {
                End();
            }
            else if (_line.Count < LongestLine)
            {
                _line.Add(b);
            }
        }
    }

    public ImmutableArray<string> ToLines() => _line.Count == 0 ? [.. _lines] : [.. _lines, Text()];

    private void End()
    {
        _lines.Enqueue(Text());
        _line.Clear();
        if (_lines.Count > MostLines)
        {
            _lines.Dequeue();
        }
    }

    // A carriage return begins the line anew, as a terminal shows it.
    private string Text()
    {
        var text = Encoding.UTF8.GetString([.. _line]).TrimEnd('\r');
        return text[(text.LastIndexOf('\r') + 1)..];
    }
}
