using System.CommandLine;
using System.Text.RegularExpressions;
using Strata.Cli.Templates;

namespace Strata.Cli.Rendering;

/// <summary>
/// Lists as a table, as JSON (one array), or by a template for each row such as <c>{{.Repository}}:{{.Tag}}</c>; one that begins
/// with the word <c>table</c> gets headings, and its tabs are columns.
/// </summary>
internal static partial class ListFormat
{
    private const string Table = "table";

    public static Option<string?> Option(string description = "table, json, or a template: '{{json .}}' shows what there is to name") =>
        new("--format") { Description = description, HelpName = "HOW" };

    /// <param name="output">Where to.</param>
    /// <param name="format">Null: a table.</param>
    /// <param name="headings">Of the first cells; those behind are for JSON and templates only.</param>
    /// <param name="rows">What is listed.</param>
    /// <param name="cells">The same names for every row.</param>
    /// <param name="whole">Nothing is cut to make the table fit a terminal.</param>
    public static void Write<T>(Output output, string? format, string[] headings, IReadOnlyList<T> rows, Func<T, Cell[]> cells, bool whole = false)
    {
        switch (format)
        {
            case null or "" or Table:
                var table = new TextTable(headings);
                foreach (var row in rows)
                {
                    table.Add([.. cells(row).Take(headings.Length).Select(cell => cell.Text)]);
                }
                table.WriteTo(output, whole: whole);
                break;
            case "json":
                output.Flush();
                ValueJson.WriteIndented(output.Bytes, Data(rows.Select(cells)));
                output.Line();
                break;
            case var _ when format.StartsWith(Table, StringComparison.Ordinal) && format[Table.Length] is ' ' or '\\' or '\t' or '{':
                WriteTable(output, format[Table.Length..].TrimStart(' '), headings, [.. rows.Select(cells)], whole);
                break;
            default:
                var template = Template.Parse(format, escapes: true);
                foreach (var row in rows)
                {
                    output.Line(output.Shown(template.Fill(Fields(cells(row)))));
                }
                break;
        }
    }

    /// <summary>One value instead of a list of rows: as JSON, or by a template.</summary>
    public static void WriteOne(Output output, string format, Value value)
    {
        if (format != "json")
        {
            output.Line(output.Shown(Template.Parse(format, escapes: true).Fill(value)));
            return;
        }
        output.Flush();
        ValueJson.WriteIndented(output.Bytes, value);
        output.Line();
    }

    /// <summary>What JSON has of the rows.</summary>
    public static Value Data(IEnumerable<Cell[]> rows) =>
        Value.Of(rows.Select(row => (Value)new Value.Fields([.. row.Select(cell => KeyValuePair.Create(cell.Name, cell.Data ?? cell.Text))])));

    private static void WriteTable(Output output, string text, string[] headings, List<Cell[]> rows, bool whole)
    {
        var template = Template.Parse(text, escapes: true);
        // The headings are the template, filled with headings: docker's way, so that {{upper .Names}} has one too.
        Value top = rows is [var first, ..]
            ? Fields([.. first.Select((cell, column) => new Cell(cell.Name, column < headings.Length ? headings[column] : Heading(cell.Name)))])
            : Asked(text, headings);
        var table = new TextTable(template.Fill(top).Split('\t'));
        foreach (var row in rows)
        {
            var cells = Array.ConvertAll(row, cell => cell with { Text = cell.Text.Replace('\t', ' ') });
            table.Add(template.Fill(Fields(cells)).ReplaceLineEndings(" ").Split('\t'));
        }
        table.WriteTo(output, whole: whole);
    }

    /// <summary>Of an empty list nothing is known but its headings: the names are those that the template asks for.</summary>
    private static Value.Map Asked(string text, string[] headings) => new(TemplateLexer.Read(text, escapes: true)
        .Where(token => token.Kind == TokenKind.Field)
        .Select(token => KeyValuePair.Create(token.Text, (Value)(Array.Find(headings, heading => (" " + heading).EndsWith(" " + Heading(token.Text), StringComparison.Ordinal)) ?? Heading(token.Text)))));

    private static string Heading(string name) => name is "CreatedSince" or "RunningFor" ? "CREATED" : WordStart().Replace(name, " $0").ToUpperInvariant();

    private static Value.Fields Fields(Cell[] cells) => new([.. cells.Select(cell => KeyValuePair.Create(cell.Name, (Value)cell.Text))]);

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex WordStart();
}
