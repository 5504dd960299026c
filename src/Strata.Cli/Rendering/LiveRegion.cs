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

    public void Draw(IReadOnlyList<string> lines)
    {
        var frame = new StringBuilder();
        Back(frame);
        frame.Append(HideCursor);
        var width = output.Width;
        foreach (var line in lines)
        {
            frame.Append(TerminalText.Cut(line, width)).Append("\e[0K\n");
        }
        frame.Append(ClearToEnd);
        _drawn = lines.Count;
        output.Writer.Write(frame);
        output.Flush();
    }

    /// <summary>Takes the region away; what is written next stands where it began.</summary>
    public void Clear()
    {
        var frame = new StringBuilder();
        Back(frame);
        frame.Append(ClearToEnd).Append(ShowCursor);
        _drawn = 0;
        output.Writer.Write(frame);
        output.Flush();
    }

    /// <summary>Leaves the region as it is and goes on below it.</summary>
    public void Keep()
    {
        _drawn = 0;
        output.Writer.Write(ShowCursor);
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
