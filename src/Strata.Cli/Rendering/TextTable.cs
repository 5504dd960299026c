using System.Text;

namespace Strata.Cli.Rendering;

/// <summary>
/// Columns as docker prints them: headings in capitals, three blanks between, the last column as long as it is. On a terminal that is
/// too narrow the longest texts are cut, so that a row stays a row.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private const int Gap = 3;

    /// <summary>A short id's: what is copied from a table is never cut.</summary>
    private const int NarrowestCut = 12;
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, cell => TerminalText.Tame(cell).Replace('\t', ' ')));

    public void WriteTo(Output output, bool withHeadings = true, bool whole = false)
    {
        List<string[]> lines = withHeadings ? [headings, .. _rows] : _rows;
        var widths = new int[lines.Select(line => line.Length).DefaultIfEmpty().Max()];
        foreach (var line in lines)
        {
            for (var column = 0; column < line.Length; column++)
            {
                widths[column] = Math.Max(widths[column], TerminalText.Width(line[column]));
            }
        }
        if (output.IsTerminal && !whole)
        {
            Shrink(widths, output.Width);
        }
        foreach (var line in lines)
        {
            var row = new StringBuilder();
            for (var column = 0; column < line.Length; column++)
            {
                var text = TerminalText.Shorten(line[column], widths[column]);
                row.Append(text).Append(' ', widths[column] - TerminalText.Width(text) + Gap);
            }
            output.Line(row.ToString().TrimEnd(' '));
        }
    }

    private static void Shrink(int[] widths, int room)
    {
        for (var over = widths.Sum() + (Gap * (widths.Length - 1)) - room; over > 0; over--)
        {
            var widest = Array.IndexOf(widths, widths.Max());
            if (widths[widest] <= NarrowestCut)
            {
                return;
            }
            widths[widest]--;
        }
    }
}
