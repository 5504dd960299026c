using System.CommandLine;
using Strata.Cli.Rendering;

namespace Strata.Cli.Tests.Rendering;

public sealed class RootPageTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public void Help_fits_the_terminal_and_names_every_verb_once(int columns)
    {
        using var line = new CommandLine();
        using var terminal = new Captured { Columns = columns, NoColour = true };
        var root = StrataCommand.Create(line.Session);
        RootPage.Write(terminal.Output, root);
        var lines = terminal.Text.Split('\n');
        Assert.All(root.Subcommands, verb => Assert.Single(lines, text => text.StartsWith($"  {verb.Name} ", StringComparison.Ordinal)));
        Assert.All(lines.Where(text => text.StartsWith("  ", StringComparison.Ordinal) && !text.Contains("--", StringComparison.Ordinal)), text => Assert.True(text.Length <= columns, text));
    }

    [Fact]
    public void A_verb_that_no_group_knows_is_shown_all_the_same()
    {
        using var output = new Captured();
        RootPage.Write(output.Output, new RootCommand { new Command("juggle", "Throw things") });
        Assert.Contains("More\n  juggle  Throw things\n", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_typed_is_a_call_for_help()
    {
        using var line = new CommandLine();
        Assert.Equal(0, await line.RunAsync());
        Assert.Contains("strata build -t my-app:v1 .", line.Output, StringComparison.Ordinal);
    }
}
