namespace Strata.Cli.Tests;

public sealed class CommandTailTests : IDisposable
{
    private readonly CommandLine _line = new();

    [Theory]
    [InlineData("run app", "app", "")]
    [InlineData("run app ls -l", "app", "ls -l")]
    [InlineData("run app --rm", "app", "--rm")]
    [InlineData("run app --help", "app", "--help")]
    [InlineData("run app -- x", "app", "-- x")]
    [InlineData("run -- app -x", "app", "-x")]
    [InlineData("run --rm -it app sh -c exit", "app", "sh -c exit")]
    [InlineData("run --rm true", "true", "")]
    [InlineData("run --rm=true app -x", "app", "-x")]
    [InlineData("run -e A=b --env=C=d -e E app env -i", "app", "env -i")]
    [InlineData("run --network none --name x app --name y", "app", "--name y")]
    [InlineData("run -itu root app -x", "app", "-x")]
    [InlineData("run -uroot app -x", "app", "-x")]
    [InlineData("run -w/some/where app -x", "app", "-x")]
    [InlineData("run -w/some/where app ls -l", "app", "ls -l")]
    [InlineData("run -w/some/where app --rm", "app", "--rm")]
    [InlineData("run -u=root app --rm", "app", "--rm")]
    [InlineData("--root /store run app -x", "app", "-x")]
    [InlineData("--root=/store run --debug app -x", "app", "-x")]
    [InlineData("run -h web app -h", "app", "-h")]
    [InlineData("run app run app", "app", "run app")]
    public void The_first_word_that_is_no_option_is_the_image_and_the_rest_is_the_containers(string line, string image, string command)
    {
        var parsed = _line.Parse(line.Split(' '));
        Assert.Empty(parsed.Errors);
        Assert.Empty(parsed.UnmatchedTokens);
        Assert.Equal(image, parsed.GetRequiredValue<string>("IMAGE"));
        Assert.Equal(command, string.Join(' ', parsed.GetValue<string[]>("COMMAND") ?? []));
    }

    [Fact]
    public void Options_before_the_image_are_runs_own_and_behind_it_they_are_not()
    {
        var parsed = _line.Parse("run", "-itu", "root", "-e", "A=b", "-e", "C", "--workdir=/srv", "-h", "web", "app", "--rm", "-e", "X=y");
        Assert.True(parsed.GetValue<bool>("--interactive"));
        Assert.True(parsed.GetValue<bool>("--tty"));
        Assert.False(parsed.GetValue<bool>("--rm"));
        Assert.Equal("root", parsed.GetValue<string>("--user"));
        Assert.Equal(["A=b", "C"], parsed.GetRequiredValue<string[]>("--env"));
        Assert.Equal("/srv", parsed.GetValue<string>("--workdir"));
        Assert.Equal("web", parsed.GetValue<string>("--hostname"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("run --rm")]
    [InlineData("run --name")]
    [InlineData("images run")]
    [InlineData("inspect run -x")]
    public void Another_command_line_stays_as_it_is(string line)
    {
        string[] args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(args, CommandTail.Mark(args, StrataCommand.Create(_line.Session), "run"));
    }

    public void Dispose() => _line.Dispose();
}
