using Strata.Cli.Rendering;
using Strata.Cli.Templates;

namespace Strata.Cli.Tests.Rendering;

public sealed class ListFormatTests
{
    private static readonly (string Id, string Name, string More)[] Rows = [("1a", "web", "x"), ("2b", "grün \"db\"", "y")];

    private static string Write(string? format, params (string Id, string Name, string More)[] rows)
    {
        using var output = new Captured();
        ListFormat.Write(output.Output, format, ["ID", "NAMES"], rows, row => [new("ID", row.Id), new("Names", row.Name), new("CreatedAt", row.More)]);
        return output.Text;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("table")]
    public void A_table_shows_what_it_has_headings_for(string? format) =>
        Assert.Equal("ID   NAMES\n1a   web\n2b   grün \"db\"\n", Write(format, Rows));

    [Fact]
    public void Json_is_one_array_with_every_field()
    {
        Assert.Equal(
            """
            [
                {
                    "ID": "1a",
                    "Names": "web",
                    "CreatedAt": "x"
                },
                {
                    "ID": "2b",
                    "Names": "grün \"db\"",
                    "CreatedAt": "y"
                }
            ]

            """,
            Write("json", Rows));
        Assert.Equal("[]\n", Write("json"));
    }

    [Theory]
    [InlineData("{{.ID}} {{.Names}}", "1a web\n")]
    [InlineData("{{ .ID }}/{{.ID}}", "1a/1a\n")]
    [InlineData("{{.ID}}\\t{{.CreatedAt}}\\n", "1a\tx\n\n")]
    [InlineData("no field }} { at all", "no field }} { at all\n")]
    [InlineData("{{json .}}", "{\"ID\":\"1a\",\"Names\":\"web\",\"CreatedAt\":\"x\"}\n")]
    [InlineData("{{if eq .Names \"web\"}}{{upper .ID}}{{end}}", "1A\n")]
    public void A_template_is_filled_for_every_row(string template, string expected) => Assert.Equal(expected, Write(template, Rows[0]));

    [Fact]
    public void A_text_with_braces_is_a_text() => Assert.Equal("{{.ID}} {{ 1a\n", Write("{{.Names}} {{.CreatedAt}} {{.ID}}", ("1a", "{{.ID}}", "{{")));

    [Theory]
    [InlineData("{{.Name}}", "--format, column 3: there is no .Name here; did you mean .Names?")]
    [InlineData("{{.ID}} {{.Sizes}}", "--format, column 11: there is no .Sizes here; known are .ID, .Names, .CreatedAt")]
    [InlineData("{{.ID", "--format, column 1: {{ is not closed by }}")]
    public void A_field_that_there_is_not_is_named_with_what_was_meant(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => Write(template, Rows[0])).Message);

    [Theory]
    [InlineData("table {{.Names}}\\t{{.ID}}", "NAMES       ID\nweb         1a\ngrün \"db\"   2b\n")]
    [InlineData("table {{.CreatedAt}}\t{{.ID}}", "CREATED AT   ID\nx            1a\ny            2b\n")]
    [InlineData("table {{upper .ID}}", "ID\n1A\n2B\n")]
    [InlineData("table {{.ID}} / {{.Names}}", "ID / NAMES\n1a / web\n2b / grün \"db\"\n")]
    public void A_table_of_ones_own_columns_has_headings(string format, string expected) => Assert.Equal(expected, Write(format, Rows));

    [Fact]
    public void An_empty_table_of_ones_own_columns_has_headings_too()
    {
        using var output = new Captured();
        ListFormat.Write(output.Output, "table {{.ID}}\\t{{.CreatedSince}}\\t{{.Digest}}", ["IMAGE ID", "CREATED"], Array.Empty<string>(), _ => []);
        Assert.Equal("IMAGE ID   CREATED   DIGEST\n", output.Text);
    }

    [Fact]
    public void A_number_is_a_number_in_json_and_a_text_for_people()
    {
        using var output = new Captured();
        Func<long, Cell[]> cells = size => [new("Size", Amounts.Size(size), size)];
        ListFormat.Write(output.Output, "json", ["SIZE"], [2_000_000L], cells);
        ListFormat.Write(output.Output, "{{.Size}}", ["SIZE"], [2_000_000L], cells);
        Assert.Equal("[\n    {\n        \"Size\": 2000000\n    }\n]\n2MB\n", output.Text);
    }

    [Fact]
    public void What_would_command_a_terminal_does_not_reach_one_and_a_pipe_gets_it_as_it_is()
    {
        using var pipe = new Captured();
        using var terminal = new Captured { Columns = 80 };
        foreach (var output in new[] { pipe.Output, terminal.Output })
        {
            ListFormat.Write(output, "{{.X}}", ["X"], ["\e[2Jx\a"], text => [new("X", text)]);
        }
        Assert.Equal("\e[2Jx\a\n", pipe.Text);
        Assert.Equal("x\uFFFD\n", terminal.Text);
    }
}
