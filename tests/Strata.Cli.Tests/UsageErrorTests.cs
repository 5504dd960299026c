namespace Strata.Cli.Tests;

public sealed class UsageErrorTests : IDisposable
{
    private readonly CommandLine _line = new();

    [Theory]
    [InlineData("biuld .", "'biuld' is no command of strata", "did you mean build?", "strata")]
    [InlineData("regsitry serve", "'regsitry' is no command of strata", "did you mean registry?", "strata")]
    [InlineData("registry sreve", "'sreve' is no command of strata registry", "did you mean serve?", "strata registry")]
    [InlineData("exec", "'exec' is no command of strata", null, "strata")]
    [InlineData("images --quite", "'--quite' is no option of strata images", "did you mean --quiet?", "strata images")]
    [InlineData("build --nocache .", "'--nocache' is no option of strata build", "did you mean --no-cache?", "strata build")]
    [InlineData("build -t app --squash .", "'--squash' is no option of strata build", null, "strata build")]
    [InlineData("rmi --froce app", "'--froce' is no option of strata rmi", "did you mean --force?", "strata rmi")]
    [InlineData("pull -x app", "'-x' is no option of strata pull", null, "strata pull")]
    [InlineData("images a b", "'b' is no argument of strata images", null, "strata images")]
    [InlineData("system df --formt json", "'--formt' is no option of strata system df", "did you mean --format?", "strata system df")]
    public async Task A_mistyped_word_gets_one_error_and_the_word_that_was_meant(string line, string message, string? meant, string helper)
    {
        Assert.Equal(1, await _line.RunAsync(line.Split(' ')));
        Assert.Equal($"error: {message}\n{(meant is null ? "" : $"hint: {meant}\n")}hint: {helper} --help tells more\n", _line.Error);
        Assert.Equal("", _line.Output);
    }

    [Theory]
    [InlineData("run --interactve app", "'--interactve' is no option of strata run", "did you mean --interactive?")]
    [InlineData("run --privileged app sh", "'--privileged' is no option of strata run", null)]
    [InlineData("run -x app", "'-x' is no option of strata run", null)]
    public async Task A_wrong_option_of_run_is_no_image_and_ends_with_dockers_code(string line, string message, string? meant)
    {
        Assert.Equal(125, await _line.RunAsync(line.Split(' ')));
        Assert.Equal($"error: {message}\n{(meant is null ? "" : $"hint: {meant}\n")}hint: strata run --help tells more\n", _line.Error);
    }

    [Theory]
    [InlineData("build", "build")]
    [InlineData("tag app", "tag")]
    [InlineData("build --network bridge .", "bridge")]
    [InlineData("stop --time soon app", "soon")]
    [InlineData("registry serve", "--data")]
    [InlineData("pull --platform", "--platform")]
    public async Task What_is_missing_or_impossible_is_named_in_one_line(string line, string named)
    {
        Assert.Equal(1, await _line.RunAsync(line.Split(' ')));
        var lines = _line.Error.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("error: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(named, lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" --help tells more", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_is_none_of_the_possible_ones_is_told_with_those()
    {
        Assert.Equal(1, await _line.RunAsync("build", "--network", "bridge", "."));
        Assert.Equal(
            "error: Argument 'bridge' not recognized. Must be one of: 'host' 'default' 'none'\nhint: strata build --help tells more\n",
            _line.Error);
    }

    [Fact]
    public async Task Behind_two_dashes_everything_is_a_name()
    {
        Assert.Equal(1, await _line.RunAsync("inspect", "--", "--quite"));
        Assert.StartsWith("error: there is no image and no container '--quite' in the store\n", _line.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _line.Dispose();
}
