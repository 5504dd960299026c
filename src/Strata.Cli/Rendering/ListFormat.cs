using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Strata.Cli.Rendering;

/// <summary>One column of a row: the name that <c>--format</c> knows it by, as docker's, and its text.</summary>
internal readonly record struct Cell(string Name, string Text);

/// <summary>Lists as a table, as JSON (one array), or by a template such as <c>{{.Repository}}:{{.Tag}}</c>.</summary>
internal static class ListFormat
{
    private const string Open = "{{";
    private const string Close = "}}";

    public static Option<string?> Option() => new("--format") { Description = "table, json, or a template such as '{{.ID}} {{.Names}}'", HelpName = "HOW" };

    public static void Write<T>(Output output, string? format, string[] headings, IReadOnlyList<T> rows, Func<T, Cell[]> cells)
    {
        switch (format)
        {
            case null or "table":
                var table = new TextTable(headings);
                foreach (var row in rows)
                {
                    table.Add([.. cells(row).Take(headings.Length).Select(cell => cell.Text)]);
                }
                table.WriteTo(output);
                break;
            case "json":
                WriteJson(output, rows.Select(cells));
                break;
            default:
                foreach (var row in rows)
                {
                    output.Line(Fill(format, Array.ConvertAll(cells(row), cell => cell with { Text = TerminalText.Tame(cell.Text) })));
                }
                break;
        }
    }

    private static void WriteJson(Output output, IEnumerable<Cell[]> rows)
    {
        output.Flush();
        using (var json = new Utf8JsonWriter(output.Bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var row in rows)
            {
                json.WriteStartObject();
                foreach (var cell in row)
                {
                    json.WriteString(JsonNamingPolicy.CamelCase.ConvertName(cell.Name), cell.Text);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        output.Line();
    }

    /// <summary>From left to right, once: a text that is put in may hold braces itself.</summary>
    private static string Fill(string template, Cell[] cells)
    {
        var rest = template.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        var text = new StringBuilder();
        while (rest.IndexOf(Open, StringComparison.Ordinal) is >= 0 and var open)
        {
            var close = rest.IndexOf(Close, open, StringComparison.Ordinal);
            var field = close < 0 ? rest[open..] : rest[open..(close + Close.Length)];
            var known = Array.FindIndex(cells, cell => field.Trim('{', '}', ' ') == "." + cell.Name);
            if (close < 0 || known < 0)
            {
                throw new FormatException($"--format: {field} is not known here; known are {string.Join(", ", cells.Select(cell => "{{." + cell.Name + "}}"))}");
            }
            text.Append(rest, 0, open).Append(cells[known].Text);
            rest = rest[(close + Close.Length)..];
        }
        return text.Append(rest).ToString();
    }
}
