using Strata.Cli.Rendering;
using Strata.Store;

namespace Strata.Cli.Tests.Rendering;

public sealed class VerifyDisplayTests
{
    [Fact]
    public void A_run_that_ends_early_leaves_neither_its_line_nor_a_hidden_cursor_behind()
    {
        using var output = new Captured { Columns = 40 };
        var display = new VerifyDisplay(output.Output);
        display.Report(new VerifyProgress(1000, 2000));
        Assert.Contains("checked", new Screen(40).Show(output.Text).All, StringComparison.Ordinal);
        display.Dispose();
        // Of a thread that was still at it.
        display.Report(new VerifyProgress(1500, 2000));
        Assert.Equal("", new Screen(40).Show(output.Text).All);
        Assert.EndsWith("\e[?25h", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_that_only_writes_lines_gets_none_that_would_be_drawn_over()
    {
        using var output = new Captured { Columns = 40, Kind = "dumb" };
        using (var display = new VerifyDisplay(output.Output))
        {
            display.Report(new VerifyProgress(1000, 2000));
        }
        Assert.Equal("plain", output.Output.Red("plain"));
        Assert.Equal("", output.Text);
    }

    [Fact]
    public void Where_there_is_no_terminal_nothing_is_shown()
    {
        using var output = new Captured();
        using (var display = new VerifyDisplay(output.Output))
        {
            display.Report(new VerifyProgress(1000, 2000));
        }
        Assert.Equal("", output.Text);
    }
}
