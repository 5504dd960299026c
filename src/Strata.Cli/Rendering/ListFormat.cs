using System.CommandLine;
using System.Text.Json;

namespace Strata.Cli.Rendering;

/// <summary>One column of a row: the name that <c>--format</c> knows it by, as docker's, and its text.</summary>
internal readonly record struct Cell(string Name, string Text);

/// <summary>Lists as a table, as JSON (one array), or by a template such as <c>{{.Repository}}:{{.Tag}}</c>.</summary>
internal static class ListFormat
{
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
                    output.Line(Fill(format, Array.ConvertAll(cells(row), cell => cell with { Text = Printable.Of(cell.Text) })));
                }
                break;
        }
    }

    private static void WriteJson(Output output, IEnumerable<Cell[]> rows)
    {
        output.Flush();
        using (var json = new Utf8JsonWriter(output.Bytes, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
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

    private static string Fill(string template, Cell[] cells)
    {
        var text = template.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        foreach (var cell in cells)
        {
            text = text.Replace("{{." + cell.Name + "}}", cell.Text, StringComparison.Ordinal).Replace("{{ ." + cell.Name + " }}", cell.Text, StringComparison.Ordinal);
        }
        var open = text.IndexOf("{{", StringComparison.Ordinal);
        return open < 0
            ? text
            : throw new FormatException($"--format: {text[open..]} is not known here; known are {string.Join(", ", cells.Select(cell => "{{." + cell.Name + "}}"))}");
    }
}
