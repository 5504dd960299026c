using Strata.Cli.Rendering;

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
                "id": "1a",
                "names": "web",
                "createdAt": "x"
              },
              {
                "id": "2b",
                "names": "grün \"db\"",
                "createdAt": "y"
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
    [InlineData("", "\n")]
    public void A_template_is_filled_for_every_row(string template, string expected) => Assert.Equal(expected, Write(template, Rows[0]));

    [Fact]
    public void A_text_with_braces_is_a_text() => Assert.Equal("{{.ID}} {{ 1a\n", Write("{{.Names}} {{.CreatedAt}} {{.ID}}", ("1a", "{{.ID}}", "{{")));

    [Theory]
    [InlineData("{{.Name}}", "{{.Name}}")]
    [InlineData("{{.ID}} {{json .}} {{.Names}}", "{{json .}}")]
    [InlineData("{{.ID", "{{.ID")]
    public void A_field_that_there_is_not_is_named_with_those_there_are(string template, string field)
    {
        var error = Assert.Throws<FormatException>(() => Write(template, Rows[0]));
        Assert.Equal($"--format: {field} is not known here; known are {{{{.ID}}}}, {{{{.Names}}}}, {{{{.CreatedAt}}}}", error.Message);
    }
}
