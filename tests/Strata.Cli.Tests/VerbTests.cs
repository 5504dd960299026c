using System.CommandLine;
using Strata.Cli.Rendering;

namespace Strata.Cli.Tests;

/// <summary>What every verb owes, and a few of them from end to end.</summary>
public sealed class VerbTests : IDisposable
{
    private readonly CommandLine _line = new();

    public static TheoryData<string> Verbs
    {
        get
        {
            using var line = new CommandLine();
            return [.. Below(StrataCommand.Create(line.Session), "")];
        }
    }

    private static IEnumerable<string> Below(Command command, string path) =>
        command.Subcommands.SelectMany(sub => Below(sub, $"{path} {sub.Name}".Trim()).Prepend($"{path} {sub.Name}".Trim()));

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_explains_itself_and_all_that_it_takes(string verb)
    {
        Assert.Equal(0, await _line.RunAsync([.. verb.Split(' '), "--help"]));
        Assert.Equal("", _line.Error);
        var command = verb.Split(' ').Aggregate((Command)StrataCommand.Create(_line.Session), (parent, name) => parent.Subcommands.Single(sub => sub.Name == name));
        // Help breaks long sentences into lines.
        var help = string.Join(' ', _line.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description), argument.Name));
        Assert.All(command.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name));
        Assert.False(string.IsNullOrWhiteSpace(command.Description));
        Assert.Contains(command.Description!, help, StringComparison.Ordinal);
        Assert.All(command.Options.Where(option => !option.Hidden), option => Assert.Contains(option.Name, help, StringComparison.Ordinal));
        Assert.Contains($" Usage: strata {verb} ", help, StringComparison.Ordinal);
        // What comes from the commands around it is told here too, and what belongs to one of them alone is not.
        Assert.Contains("--root DIR", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--version", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("build")]
    [InlineData("run")]
    [InlineData("ps")]
    [InlineData("logs")]
    [InlineData("pull")]
    [InlineData("push")]
    [InlineData("tags rollback")]
    [InlineData("registry serve")]
    public async Task The_main_verbs_show_examples(string verb)
    {
        Assert.Equal(0, await _line.RunAsync([.. verb.Split(' '), "--help"]));
        Assert.Contains($"\nExamples:\n  strata {verb} ", _line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_example_is_a_command_line_that_works() => Assert.All(
        Examples.All.SelectMany(entry => entry.Value.Select(example => (entry.Key, Example: example))),
        entry =>
        {
            var parsed = _line.Parse(entry.Example.Replace("'", "", StringComparison.Ordinal).Split(' ')[1..]);
            Assert.Empty(parsed.Errors);
            Assert.Equal(entry.Key, CommandPath.Of(parsed.CommandResult.Command));
        });

    [Fact]
    public async Task Help_of_run_leaves_h_to_the_host_name()
    {
        Assert.Equal(0, await _line.RunAsync("run", "--help"));
        Assert.Contains("  -h, --hostname NAME ", _line.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("-h, --help", _line.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--privileged", _line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_the_whole_names_every_verb()
    {
        Assert.Equal(0, await _line.RunAsync("--help"));
        Assert.All(StrataCommand.Create(_line.Session).Subcommands, verb => Assert.Contains($"  {verb.Name} ", _line.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_store_lists_nothing_but_headings()
    {
        Assert.Equal(0, await _line.RunAsync("images"));
        Assert.Equal("REPOSITORY   TAG   IMAGE ID   CREATED   SIZE\n", _line.Output);
    }

    [Fact]
    public async Task What_was_built_is_listed_tagged_and_removed()
    {
        _line.Write("Dockerfile", "FROM scratch\nCOPY hello.txt /\n");
        _line.Write("hello.txt", "hello");
        Assert.Equal(0, await _line.RunAsync("build", "--progress", "plain", "-t", "app:v1", "."));
        Assert.Equal(0, await _line.RunAsync("tag", "app:v1", "app:v2"));
        Assert.Equal(0, await _line.RunAsync("rmi", "app:v1"));
        Assert.Equal(0, await _line.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}"));
        var lines = _line.Output.TrimEnd('\n').Split('\n');
        Assert.Matches("^built app:v1 [0-9a-f]{12}$", lines[0]);
        Assert.Equal(["Untagged: app:v1", "app:v2"], lines[1..]);
        Assert.Contains("COPY hello.txt /\n", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_build_shows_the_line_it_is_about()
    {
        _line.Write("Dockerfile", "FROM scratch\nCOPY helo.txt /\n");
        _line.Write("hello.txt", "hello");
        Assert.Equal(1, await _line.RunAsync("build", "-q", "."));
        Assert.Contains(" 2 | >>> COPY helo.txt /\n", _line.Error, StringComparison.Ordinal);
        Assert.EndsWith("error: Dockerfile:2: \"/helo.txt\" is not in the build context; did you mean hello.txt?\n", _line.Error, StringComparison.Ordinal);
        Assert.Equal("", _line.Output);
    }

    [Fact]
    public async Task Run_by_an_ordinary_user_ends_with_dockers_code()
    {
        Assert.Equal(125, await _line.RunAsync("run", "app"));
        Assert.Equal("error: running a container needs root in this version\nhint: try sudo strata run …\n", _line.Error);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        Assert.Equal(0, await _line.RunAsync("version"));
        Assert.Matches(@"^strata \d+\.\d+\.\d+.* linux/\w+, not the native executable\n$", _line.Output);
    }

    public void Dispose() => _line.Dispose();
}
