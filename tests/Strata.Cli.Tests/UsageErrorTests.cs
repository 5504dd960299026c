namespace Strata.Cli.Tests;

public sealed class UsageErrorTests : IDisposable
{
    private readonly CommandLine _line = new();

    [Theory]
    [InlineData("biuld .", "'biuld' is no command of strata", "did you mean build?", "strata")]
    [InlineData("regsitry serve", "'regsitry' is no command of strata", "did you mean registry?", "strata")]
    [InlineData("registry sreve", "'sreve' is no command of strata registry", "did you mean serve?", "strata registry")]
    [InlineData("exec app sh", "'exec' is no command of strata", "strata has no exec yet; what it has is in strata --help", "strata")]
    [InlineData("image ls -a", "'image' is no command of strata", "it is strata images", "strata")]
    [InlineData("images ls a", "'a' is no argument of strata images", "it is strata images", "strata images")]
    [InlineData("image inspect app", "'image' is no argument of strata inspect", "leave image out: strata inspect", "strata inspect")]
    [InlineData("system prune -f", "'prune' is no command of strata system", "it is strata prune", "strata system")]
    [InlineData("nonsense", "'nonsense' is no command of strata", null, "strata")]
    [InlineData("images --quite", "'--quite' is no option of strata images", "did you mean --quiet?", "strata images")]
    [InlineData("build --nocache .", "'--nocache' is no option of strata build", "did you mean --no-cache?", "strata build")]
    [InlineData("build -t app --squash .", "'--squash' is no option of strata build", "leave it out: layers can't be made one; COPY --from=STAGE takes only the files that are wanted", "strata build")]
    [InlineData("build --load .", "'--load' is no option of strata build", "leave it out: what is built is in the store already", "strata build")]
    [InlineData("build --output=out .", "'--output' is no option of strata build", "the image is put into the store; other outputs can't be made yet", "strata build")]
    [InlineData("rmi --froce app", "'--froce' is no option of strata rmi", "did you mean --force?", "strata rmi")]
    [InlineData("pull -x app", "'-x' is no option of strata pull", null, "strata pull")]
    [InlineData("images a b", "'b' is no argument of strata images", null, "strata images")]
    [InlineData("registry serve --lisen :0", "'--lisen' is no option of strata registry serve", "did you mean --listen?", "strata registry serve")]
    [InlineData("registry serve --data d --lisen=:0", "'--lisen' is no option of strata registry serve", "did you mean --listen?", "strata registry serve")]
    [InlineData("images --rot /tmp", "'--rot' is no option of strata images", "did you mean --root?", "strata images")]
    [InlineData("--rot /tmp images", "'--rot' is no option of strata images", "did you mean --root?", "strata images")]
    [InlineData("tags history --debgu app", "'--debgu' is no option of strata tags history", "did you mean --debug?", "strata tags history")]
    [InlineData("tags rollbak app", "'rollbak' is no command of strata tags", "did you mean rollback?", "strata tags")]
    [InlineData("system df --formt json", "'--formt' is no option of strata system df", "did you mean --format?", "strata system df")]
    public async Task A_mistyped_word_gets_one_error_and_the_word_that_was_meant(string line, string message, string? meant, string helper)
    {
        Assert.Equal(1, await _line.RunAsync(line.Split(' ')));
        Assert.Equal($"error: {message}\n{(meant is null ? "" : $"hint: {meant}\n")}hint: {helper} --help tells more\n", _line.Error);
        Assert.Equal("", _line.Output);
    }

    [Theory]
    [InlineData("run --interactve app", "'--interactve' is no option of strata run", "did you mean --interactive?")]
    [InlineData("run --turbo app sh", "'--turbo' is no option of strata run", null)]
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
            "error: 'bridge' is no value of --network: it takes default, host or none\nhint: strata build --help tells more\n",
            _line.Error);
    }

    [Fact]
    public async Task Behind_two_dashes_everything_is_a_name()
    {
        Assert.Equal(1, await _line.RunAsync("inspect", "--", "--quite"));
        Assert.StartsWith("error: there is no image and no container '--quite' in the store\n", _line.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _line.Dispose();

    [Theory]
    [InlineData("logs --tail x web", "'x' is no number of lines: --tail takes a number, or all")]
    [InlineData("logs --since soon web", "'soon' is no time: --since takes one such as 2026-01-31T08:00:00Z, or how long ago: 10m, 1h30m, 7d")]
    [InlineData("stop -t x web", "'x' is no number of seconds: --time takes one from 0 to 3456000, or -1 to wait as long as it takes")]
    [InlineData("stop -t 99999999999999 web", "'99999999999999' is no number of seconds: --time takes one from 0 to 3456000, or -1 to wait as long as it takes")]
    [InlineData("stop -t", "--time lacks its value: --time SECONDS")]
    [InlineData("stop --signal LOUD web", "'LOUD' is no signal: --signal takes a name or a number, such as INT, SIGQUIT or 3")]
    [InlineData("stop", "CONTAINER is missing: strata stop [OPTIONS] CONTAINER…")]
    [InlineData("ps -n x", "'x' is no whole number: --last COUNT")]
    [InlineData("registry", "strata registry needs one of its commands: serve")]
    [InlineData("registry serve", "--data DIR is missing: The folder for blobs and database; made when it is missing")]
    public async Task What_can_not_be_read_is_said_in_words_of_the_command_line(string line, string message)
    {
        Assert.Equal(1, await _line.RunAsync(line.Split(' ')));
        Assert.StartsWith($"error: {message}\nhint: strata ", _line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logs --tail all web")]
    [InlineData("logs --since 7d --until 1w web")]
    [InlineData("logs --tail -1 --since 10m --until 2030-01-01T00:00:00Z -t web")]
    [InlineData("stop -t -1 -s INT web")]
    public async Task What_docker_takes_is_taken(string line)
    {
        Assert.Equal(1, await _line.RunAsync(line.Split(' ')));
        Assert.StartsWith("error: there is no container 'web'\n", _line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rm web")]
    [InlineData("rmi web")]
    [InlineData("stop web")]
    [InlineData("inspect web")]
    [InlineData("logs web")]
    public async Task With_debug_an_error_says_where_it_came_from(string line)
    {
        Assert.Equal(1, await _line.RunAsync(["--debug", .. line.Split(' ')]));
        Assert.Contains("   at Strata.", _line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logs --tail 1 --tail x web", "error: 'x' is no number of lines")]
    [InlineData("logs --tail x --tail 1 web", "error: there is no container 'web'")]
    [InlineData("prune --keep-storage 1 --keep-storage=lots", "error: --keep-storage lots is no size")]
    [InlineData("images --format json --format {{ app", "error: --format, ")]
    [InlineData("inspect --type image --type container web", "error: there is no container 'web' in the store")]
    [InlineData("--debug=true --debug=false inspect web", "error: there is no image and no container 'web' in the store\nhint: ")]
    public async Task Of_an_option_given_twice_the_last_counts(string line, string error)
    {
        Assert.Equal(1, await _line.RunAsync(line.Split(' ')));
        Assert.StartsWith(error, _line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Strata.", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_begins_with_an_at_sign_is_a_word()
    {
        Assert.Equal(1, await _line.RunAsync("inspect", "@missing"));
        Assert.StartsWith("error: there is no image and no container '@missing'", _line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run -p 80:80 app", "error: this version has no --publish\nhint: a container shares this machine's network, so what listens on port 8080 inside is at 127.0.0.1:8080 already\n")]
    [InlineData("run --privileged app sh", "error: this version has no --privileged\nhint: --cap-add gives single rights, or --cap-add ALL\n")]
    [InlineData("run --network bridge app", "error: there is no network 'bridge': this version has host, which is this machine's, and none\nhint: without --network it is host\n")]
    public async Task What_dockers_run_has_and_this_one_has_not_is_refused_with_what_is_possible(string line, string error)
    {
        Assert.Equal(125, await _line.RunAsync(line.Split(' ')));
        Assert.Equal(error, _line.Error);
    }
}
