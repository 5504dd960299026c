using System.Diagnostics;
using System.Globalization;

namespace Strata.EndToEnd;

/// <summary>What people who know docker type every day, and what they expect to happen.</summary>
public sealed class Containers
{
    private const string Patient = "trap 'exit 5' TERM; echo up; while :; do sleep 0.1; done";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_container_outlives_a_strata_run_that_is_killed(bool removed)
    {
        await using var place = await Workplace.OpenAsync();
        string[] options = removed ? ["--rm"] : [];
        var run = place.Start(["run", .. options, "--name", "survivor", Workplace.Base, "sh", "-c", Patient]);
        Assert.Equal("up", await run.StandardOutput.ReadLineAsync(Stop));
        run.Kill();
        // Whoever reads its output is told the end, though the container goes on.
        Assert.Equal("", await run.StandardOutput.ReadToEndAsync(Stop));
        Assert.Equal("survivor\n", (await place.StrataAsync("ps", "--format", "{{.Names}}")).Succeeded().Output);
        (await place.StrataAsync("stop", "survivor")).Succeeded();
        Assert.Equal(removed ? "" : "exited\n", (await place.StrataAsync("ps", "-a", "--filter", "name=survivor", "--format", "{{.State}}")).Succeeded().Output);
        if (!removed)
        {
            Assert.Equal("survivor\n", (await place.StrataAsync("ps", "--filter", "exited=5", "--format", "{{.Names}}")).Succeeded().Output);
            Assert.Equal("up\n", (await place.StrataAsync("logs", "survivor")).Succeeded().Output);
        }
    }

    [Fact]
    public async Task A_survivor_is_removed_by_force_and_nothing_of_it_is_left()
    {
        const string mark = "271828182";
        await using var place = await Workplace.OpenAsync();
        var run = place.Start("run", "--name", "survivor", Workplace.Base, "sh", "-c", $"echo up; sleep {mark}");
        Assert.Equal("up", await run.StandardOutput.ReadLineAsync(Stop));
        run.Kill();
        await run.WaitForExitAsync(Stop);
        (await place.StrataAsync("rm", "-f", "survivor")).Succeeded();
        Assert.Empty((await place.StrataAsync("ps", "-a", "-q")).Succeeded().Output);
        await Remains.AssertNoneAsync(place, mark);
    }

    [Fact]
    public async Task A_container_that_fills_the_disk_in_the_background_ends_with_its_own_code()
    {
        await using var place = await Workplace.OpenAsync();
        var small = place.PathOf("small");
        Directory.CreateDirectory(small);
        (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", small])).Succeeded();
        try
        {
            (await place.StrataAsync("run", "--rm", "-v", $"{place.Folder}:/out", Workplace.Base, "tar", "-cf", "/out/base.tar", "bin", "etc")).Succeeded();
            (await place.StrataInAsync(small, "import", place.PathOf("base.tar"), Workplace.Base)).Succeeded();
            (await place.StrataInAsync(small, "run", "-d", "--name", "filler", Workplace.Base, "sh", "-c", "cat /dev/zero > /big; echo not logged any more; exit 7")).Succeeded();
            var begun = Stopwatch.GetTimestamp();
            CommandResult listed;
            do
            {
                // While there is no byte left the store can't be opened; when the container has ended there are some again.
                listed = await place.StrataInAsync(small, "ps", "-a", "--format", "{{.State}} {{.Status}}");
            }
            while (!listed.Output.StartsWith("exited", StringComparison.Ordinal) && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(30));
            Assert.StartsWith("exited Exited (7) ", listed.Succeeded().Output, StringComparison.Ordinal);
            Assert.Contains("note: the log is cut here: ", (await place.StrataInAsync(small, "logs", "filler")).Succeeded().Error, StringComparison.Ordinal);
            (await place.StrataInAsync(small, "rm", "filler")).Succeeded();
            Assert.Empty((await place.StrataInAsync(small, "ps", "-a", "-q")).Succeeded().Output);
            (await place.StrataInAsync(small, "run", "--rm", Workplace.Base, "true")).Succeeded();
        }
        finally
        {
            (await Command.RunAsync("umount", [small])).Succeeded();
        }
    }

    [Fact]
    public async Task They_are_listed_by_label_name_state_and_image()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("run", "-d", "--name", "web", "--label", "team=web", "--label", "lone", Workplace.Base, "sh", "-c", Patient)).Succeeded();
        Assert.Equal(3, (await place.StrataAsync("run", "--name", "job", "-l", "team=batch", Workplace.Base, "sh", "-c", "exit 3")).ExitCode);
        async Task<string> Names(params string[] arguments) =>
            (await place.StrataAsync(["ps", "--format", "{{.Names}}", .. arguments])).Succeeded().Output.TrimEnd('\n').ReplaceLineEndings(" ");
        Assert.Equal("web", await Names());
        Assert.Equal("job web", await Names("-a"));
        Assert.Equal("job", await Names("-l"));
        Assert.Equal("job", await Names("-n", "1"));
        Assert.Equal("web", await Names("--filter", "label=team=web"));
        Assert.Equal("web", await Names("--filter", "label=lone"));
        Assert.Equal("job", await Names("--filter", "status=exited"));
        Assert.Equal("job", await Names("-f", "exited=3"));
        Assert.Equal("job web", await Names("-a", "--filter", $"ancestor={Workplace.Base}"));
        Assert.Equal("", await Names("-a", "--filter", "ancestor=other"));
        (await place.StrataAsync("ps", "--filter", "colour=red")).FailedSaying("colour", "id, name, label");
    }

    [Fact]
    public async Task A_name_must_be_one_and_free()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("run", "-d", "--name", "web", Workplace.Base, "sleep", "1000")).Succeeded();
        var id = (await place.StrataAsync("ps", "-q")).LastLine;
        Assert.Equal(125, (await place.StrataAsync("run", "--name", "web", Workplace.Base, "true")).FailedSaying("web", "in use", id, "strata rm -f web").ExitCode);
        Assert.Equal(125, (await place.StrataAsync("run", "--name", "my web", Workplace.Base, "true")).FailedSaying("'my web'", "letter or digit").ExitCode);
    }

    [Fact]
    public async Task What_it_may_do_and_what_it_sees_can_be_changed()
    {
        await using var place = await Workplace.OpenAsync();
        Task<CommandResult> Run(params string[] arguments) => place.StrataAsync(["run", "--rm", .. arguments]);
        Assert.Equal("CapEff:\t0000000000000000\n", (await Run("--cap-drop", "ALL", Workplace.Base, "grep", "CapEff", "/proc/self/status")).Succeeded().Output);
        (await Run(Workplace.Base, "mount", "-t", "tmpfs", "x", "/tmp")).FailedSaying("denied");
        (await Run("--cap-add", "sys_admin", Workplace.Base, "mount", "-t", "tmpfs", "x", "/tmp")).Succeeded();
        (await Run("--cap-add", "FLY", Workplace.Base, "true")).FailedSaying("'FLY' is no capability");
        Assert.StartsWith("drwx------", (await Run("--tmpfs", "/run:size=1m,mode=700", Workplace.Base, "ls", "-ld", "/run")).Succeeded().Output, StringComparison.Ordinal);
        (await Run("--tmpfs", "/run:size=1m", Workplace.Base, "dd", "if=/dev/zero", "of=/run/x", "bs=1M", "count=2")).FailedSaying("no space");
        (await Run("--read-only", Workplace.Base, "touch", "/x")).FailedSaying("read-only");
        Assert.Equal("uid=1000(app) gid=2000(extra) groups=2000(extra)\n", (await Run("-u", "1000:extra", Workplace.Base, "id")).Succeeded().Output);
        var variables = place.Context("variables", ("app.env", "# mine\nA=file\nB=file\n"));
        Assert.Equal("file given\n", (await Run("--env-file", Path.Combine(variables, "app.env"), "-e", "B=given", Workplace.Base, "sh", "-c", "echo $A $B")).Succeeded().Output);
        (await Run("--pull", "never", "localhost/nothing", "true")).FailedSaying("localhost/nothing");
        (await Run("--platform", "linux/s390x", Workplace.Base, "true")).FailedSaying("linux/s390x");
    }

    [Fact]
    public async Task Logs_can_be_cut_by_count_and_by_time()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("run", "--name", "talk", Workplace.Base, "sh", "-c", "echo one; echo two; echo three")).Succeeded();
        Assert.Equal("three\n", (await place.StrataAsync("logs", "--tail", "1", "talk")).Succeeded().Output);
        Assert.Equal("one\ntwo\nthree\n", (await place.StrataAsync("logs", "--tail", "all", "--since", "1h", "talk")).Succeeded().Output);
        Assert.Empty((await place.StrataAsync("logs", "--until", "1h", "talk")).Succeeded().Output);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z three\n$", (await place.StrataAsync("logs", "-t", "-n", "1", "talk")).Succeeded().Output);
    }

    [Fact]
    public async Task Several_are_stopped_and_removed_and_one_that_is_not_there_does_not_stop_the_others()
    {
        await using var place = await Workplace.OpenAsync();
        foreach (var name in new[] { "one", "two" })
        {
            (await place.StrataAsync("run", "-d", "--name", name, Workplace.Base, "sh", "-c", Patient)).Succeeded();
        }
        var stopped = (await place.StrataAsync("stop", "-t", "30", "one", "nobody", "two")).FailedSaying("nobody");
        Assert.Equal("one\ntwo\n", stopped.Output);
        Assert.Equal("one\ntwo\n", (await place.StrataAsync("rm", "-v", "one", "nobody", "two")).FailedSaying("nobody").Output);
        Assert.Empty((await place.StrataAsync("ps", "-a", "-q")).Succeeded().Output);
    }

    [Fact]
    public async Task Much_output_comes_whole_and_a_reader_that_leaves_makes_no_noise()
    {
        const long Bytes = 256L * 1024 * 1024;
        await using var place = await Workplace.OpenAsync();
        var run = place.Start("run", "--rm", Workplace.Base, "sh", "-c", string.Create(CultureInfo.InvariantCulture, $"yes | head -c {Bytes}"));
        var count = 0L;
        var buffer = new byte[1 << 20];
        while (await run.StandardOutput.BaseStream.ReadAsync(buffer, Stop) is > 0 and var length)
        {
            count += length;
        }
        await run.WaitForExitAsync(Stop);
        Assert.Equal((0, Bytes), (run.ExitCode, count));
        // Not as process 1, which no SIGPIPE ends.
        var endless = place.Start("run", "--rm", Workplace.Base, "sh", "-c", "yes; exit 0");
        Assert.Equal("y", await endless.StandardOutput.ReadLineAsync(Stop));
        endless.StandardOutput.Close();
        await endless.WaitForExitAsync(Stop);
        Assert.Equal("", await endless.StandardError.ReadToEndAsync(Stop));
    }

    [Fact]
    public async Task The_terminal_is_the_programs_and_nothing_draws_over_it()
    {
        await using var place = await Workplace.OpenAsync();
        Assert.SkipUnless(Command.Exists("script"), "script is not installed");
        // Long enough for what is drawn ten times a second.
        var line = $"exec {Workplace.Executable} run --rm -it {Workplace.Base} sh -c 'echo one; sleep 0.5; echo two'";
        var seen = (await Command.RunAsync("script", ["-qec", line, "/dev/null"], place.Environment(place.StoreRoot))).Succeeded().Output;
        // script itself shows the end of its input, as ^@.
        Assert.Equal("one\r\ntwo\r\n", seen.Replace("^@", "", StringComparison.Ordinal));
        (await place.StrataAsync("run", "--rm", "-it", Workplace.Base, "true")).FailedSaying("-t needs a terminal", "leave -t out");
    }

    [Fact]
    public async Task Whoever_interrupts_for_the_third_time_ends_a_program_that_does_not_listen()
    {
        await using var place = await Workplace.OpenAsync();
        var run = place.Start("run", "--rm", "--name", "deaf", Workplace.Base, "sh", "-c", "trap '' INT TERM; echo up; while :; do sleep 0.1; done");
        Assert.Equal("up", await run.StandardOutput.ReadLineAsync(Stop));
        for (var time = 0; time < 3; time++)
        {
            Assert.False(run.HasExited);
            (await Command.RunAsync("kill", ["-INT", run.Id.ToString(CultureInfo.InvariantCulture)])).Succeeded();
            await Task.Delay(200, Stop);
        }
        await run.WaitForExitAsync(Stop);
        Assert.Equal(137, run.ExitCode);
        Assert.Equal("", (await place.StrataAsync("ps", "-a", "-q", "--filter", "name=deaf")).Succeeded().Output);
    }

    [Fact]
    public async Task What_is_piped_in_comes_to_its_end()
    {
        await using var place = await Workplace.OpenAsync();
        var piped = await Command.RunAsync(Workplace.Executable, ["run", "--rm", "-i", Workplace.Base, "wc", "-c"], place.Environment(place.StoreRoot), input: new string('x', 1_000_000));
        Assert.Equal("1000000\n", piped.Succeeded().Output);
    }
}
