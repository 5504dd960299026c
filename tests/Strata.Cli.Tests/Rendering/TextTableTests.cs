using CsCheck;
using Strata.Cli.Rendering;

namespace Strata.Cli.Tests.Rendering;

public sealed class TextTableTests
{
    [Fact]
    public void Columns_stand_below_one_another_and_the_last_has_no_blanks_behind_it()
    {
        var table = new TextTable("NAME", "SIZE", "X");
        using var output = new Captured();
        table.Add("a", "370.3MB", "1");
        table.Add("a-long-name", "", "");
        table.WriteTo(output.Output);
        Assert.Equal(
            "NAME          SIZE      X\n"
            + "a             370.3MB   1\n"
            + "a-long-name\n",
            output.Text);
    }

    [Fact]
    public void Wide_characters_and_colours_do_not_move_the_columns()
    {
        var table = new TextTable("NAME", "X");
        using var output = new Captured();
        table.Add("日本", "1");
        table.Add("\e[31mred\e[0m", "2");
        table.WriteTo(output.Output);
        Assert.Equal("NAME   X\n日本   1\n\e[31mred\e[0m    2\n", output.Text);
    }

    [Fact]
    public void Without_rows_only_the_headings_are_there_or_nothing()
    {
        using var output = new Captured();
        new TextTable("NAME", "SIZE").WriteTo(output.Output);
        new TextTable("NAME", "SIZE").WriteTo(output.Output, withHeadings: false);
        Assert.Equal("NAME   SIZE\n", output.Text);
    }

    [Fact]
    public void On_a_narrow_terminal_the_longest_texts_are_cut_and_ids_are_not()
    {
        using var narrow = new Captured { Columns = 50 };
        using var pipe = new Captured();
        foreach (var output in new[] { narrow.Output, pipe.Output })
        {
            var table = new TextTable("ID", "COMMAND", "SIZE");
            table.Add("0123456789ab", new string('x', 70), "1MB");
            table.WriteTo(output);
        }
        Assert.Equal($"ID             COMMAND                        SIZE\n0123456789ab   {new string('x', 27)}…   1MB\n", narrow.Text);
        Assert.Contains(new string('x', 70), pipe.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_table_is_not_cut()
    {
        using var narrow = new Captured { Columns = 20 };
        var table = new TextTable("COMMAND");
        table.Add(new string('x', 70));
        table.WriteTo(narrow.Output, whole: true);
        Assert.Contains(new string('x', 70), narrow.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_row_of_a_table_is_wider_than_its_terminal() =>
        Gen.Select(Gen.Int[60, 200], Gen.String[Gen.Char[' ', '~'], 0, 90].Array[4].Array[1, 6]).Sample(
            (columns, rows) =>
            {
                using var terminal = new Captured { Columns = columns };
                var table = new TextTable("A", "B", "C", "D");
                Array.ForEach(rows, row => table.Add(row));
                table.WriteTo(terminal.Output);
                Assert.All(terminal.Text.Split('\n'), line => Assert.True(TerminalText.Width(line) <= columns, line));
            });
}
