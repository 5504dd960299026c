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
            + "a-long-name             \n",
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
}
