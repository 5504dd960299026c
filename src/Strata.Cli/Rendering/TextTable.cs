namespace Strata.Cli.Rendering;

/// <summary>Columns as docker prints them: headings in capitals, three blanks between, the last column as long as it is.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const int Gap = 3;
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, TerminalText.Tame));

    public void WriteTo(Output output, bool withHeadings = true)
    {
        IEnumerable<string[]> lines = withHeadings ? [headings, .. _rows] : _rows;
        var widths = headings.Select((_, column) => lines.Max(line => (int?)TerminalText.Width(line[column])) ?? 0).ToArray();
        foreach (var line in lines)
        {
            for (var column = 0; column < line.Length; column++)
            {
                var last = column == line.Length - 1;
                output.Writer.Write(last ? line[column] : line[column] + new string(' ', widths[column] - TerminalText.Width(line[column]) + Gap));
            }
            output.Line();
        }
    }
}
