using System.Text;

namespace Strata.Cli.Rendering;

/// <summary>
/// The last lines of a terminal, drawn again and again in place. Lines are cut to the terminal's width, because a line that
/// wraps can't be drawn over. Not safe for several threads: its owner locks.
/// </summary>
internal sealed class LiveRegion(Output output)
{
    private const string ClearToEnd = "\e[0J";
    private const string HideCursor = "\e[?25l";
    private const string ShowCursor = "\e[?25h";
    private int _drawn;

    /// <summary>Draws as many lines as the terminal is high: what has scrolled out of it can't be drawn over.</summary>
    public void Draw(IReadOnlyList<LiveLine> lines)
    {
        var fitting = Fitting(lines, Math.Max(1, output.Height - 1));
        Write(fitting, "");
        _drawn = fitting.Count;
    }

    /// <summary>Draws all lines for the last time, and goes on below them.</summary>
    public void Finish(IReadOnlyList<LiveLine> lines)
    {
        if (lines.Count == 0 && _drawn == 0)
        {
            return;
        }
        Write([.. lines.Select(line => line.Text)], ShowCursor);
        _drawn = 0;
    }

    /// <summary>Takes the region away; what is written next stands where it began.</summary>
    public void Clear()
    {
        if (_drawn == 0)
        {
            return;
        }
        var frame = new StringBuilder();
        Back(frame);
        frame.Append(ClearToEnd).Append(ShowCursor);
        _drawn = 0;
        output.Writer.Write(frame);
        output.Flush();
    }

    /// <summary>What is over goes first, the oldest of it before the others; then the end is left out, and that is said.</summary>
    private static List<string> Fitting(IReadOnlyList<LiveLine> lines, int room)
    {
        var excess = lines.Count - room;
        var texts = new List<string>(Math.Min(lines.Count, room));
        foreach (var line in lines)
        {
            if (line.IsOver && excess > 0)
            {
                excess--;
                continue;
            }
            texts.Add(line.Text);
        }
        if (excess > 0 && room > 1)
        {
            texts.RemoveRange(room - 1, texts.Count - room + 1);
            texts.Add($"… {excess + 1} more");
        }
        return texts.Count > room ? texts[..room] : texts;
    }

    private void Write(IReadOnlyList<string> lines, string end)
    {
        var frame = new StringBuilder();
        Back(frame);
        frame.Append(HideCursor);
        var width = output.Width;
        foreach (var line in lines)
        {
            frame.Append(TerminalText.Cut(line, width)).Append("\e[0K\n");
        }
        frame.Append(ClearToEnd).Append(end);
        output.Writer.Write(frame);
        output.Flush();
    }

    private void Back(StringBuilder frame)
    {
        if (_drawn > 0)
        {
            frame.Append("\e[").Append(_drawn).Append('F');
        }
    }
}
