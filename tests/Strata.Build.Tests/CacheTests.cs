using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build.Tests;

public sealed class CacheTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_touched_file_is_the_same_file()
    {
        _bench.File("a", "a");
        await _bench.Build("FROM scratch\nCOPY a /");
        _bench.File("a", "a", time: 1_650_000_000);
        await _bench.Build("FROM scratch\nCOPY a /");
        Assert.Equal("Cached", _bench.Outcomes()["COPY a /"]);
    }

    [Fact]
    public async Task A_changed_mode_is_a_change()
    {
        _bench.File("a", "a");
        await _bench.Build("FROM scratch\nCOPY a /");
        _bench.File("a", "a", UnixFileMode.UserRead);
        await _bench.Build("FROM scratch\nCOPY a /");
        Assert.Equal("a changed", _bench.Why("COPY a /"));
    }

    [Fact]
    public async Task New_and_removed_files_are_named()
    {
        _bench.File("d/a", "a");
        _bench.File("d/b", "b");
        await _bench.Build("FROM scratch\nCOPY d /");
        _bench.File("d/c", "c");
        await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal("d/c is new", _bench.Why("COPY d /"));
        File.Delete(Path.Combine(_bench.Context, "d/b"));
        await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal("d/b is gone", _bench.Why("COPY d /"));
    }

    [Fact]
    public async Task A_file_that_is_ignored_changes_nothing()
    {
        _bench.File("a", "a");
        _bench.File("x.log", "1");
        _bench.File(".dockerignore", "*.log");
        await _bench.Build("FROM scratch\nCOPY . /");
        _bench.File("x.log", "2");
        await _bench.Build("FROM scratch\nCOPY . /");
        Assert.Equal("Cached", _bench.Outcomes()["COPY . /"]);
    }

    [Fact]
    public async Task Another_command_another_variable_and_another_base_are_told_apart()
    {
        _bench.AddImage("other", [], ("etc/passwd", "root:x:0:0::/:/bin/sh\n"));
        await _bench.Build("FROM base\nENV A=1\nRUN make");
        await _bench.Build("FROM base\nENV A=1\nRUN make -j2");
        Assert.Equal("the command changed", _bench.Why("RUN make -j2"));
        await _bench.Build("FROM base\nENV A=2\nRUN make -j2");
        Assert.Equal("variable A changed", _bench.Why("RUN make -j2"));
        await _bench.Build("FROM other\nENV A=2\nRUN make -j2");
        Assert.Equal("the base changed", _bench.Why("RUN make -j2"));
    }

    [Fact]
    public async Task An_argument_that_is_declared_counts_and_a_proxy_does_not()
    {
        const string Dockerfile = "FROM base\nARG VERSION\nRUN make";
        BuildRequest With(BuildRequest request, string version, string proxy) =>
            request with { BuildArgs = request.BuildArgs.Add("VERSION", version).Add("HTTP_PROXY", proxy) };
        await _bench.Build(Dockerfile, request => With(request, "1", "http://one"));
        Assert.Contains("HTTP_PROXY=http://one", _bench.Executor.Last.Environment);
        await _bench.Build(Dockerfile, request => With(request, "1", "http://two"));
        Assert.Equal("Cached", _bench.Outcomes()["RUN make"]);
        await _bench.Build(Dockerfile, request => With(request, "2", "http://two"));
        Assert.Equal("variable VERSION changed", _bench.Why("RUN make"));
    }

    [Fact]
    public async Task A_step_is_not_found_on_other_layers_than_it_was_made_on()
    {
        var counter = 0;
        _bench.Executor.On("update", (step, _, _) => Task.FromResult<StepOutcome>(
            new StepOutcome.Succeeded(Files.Layer(_bench.Layers, step.ClampModified, ("var/list", $"{counter++}")))));
        _bench.Executor.Writes("install", ("var/db", "made on the list"));
        const string Dockerfile = "FROM base\nRUN update\nRUN install";
        await _bench.Build(Dockerfile);
        await _bench.Build(Dockerfile, request => request with { NoCache = true });
        Assert.Equal(4, _bench.Executor.Ran.Count);
        Assert.Equal("--no-cache", _bench.Why("RUN install"));
        await _bench.Build(Dockerfile);
        Assert.Equal(4, _bench.Executor.Ran.Count);
    }

    [Fact]
    public async Task The_same_files_under_another_name_of_the_folder_are_found()
    {
        _bench.File("one/a", "a");
        _bench.File("two/a", "a");
        await _bench.Build("FROM scratch\nCOPY one /");
        await _bench.Build("FROM scratch\nCOPY two /");
        Assert.Equal("Cached", _bench.Outcomes()["COPY two /"]);
    }

    [Fact]
    public async Task A_stage_that_gives_the_same_files_again_does_not_repeat_what_copies_them()
    {
        _bench.File("main.c", "1");
        _bench.Executor.Writes("make", ("out/app", "same"));
        const string Dockerfile = "FROM base AS build\nCOPY main.c /\nRUN make\nFROM scratch\nCOPY --from=build /out /";
        await _bench.Build(Dockerfile);
        _bench.File("main.c", "2");
        await _bench.Build(Dockerfile);
        Assert.Equal(2, _bench.Executor.Ran.Count);
        Assert.Equal("Cached", _bench.Outcomes()["COPY --from=build /out /"]);
    }

    [Fact]
    public async Task Files_that_did_not_change_are_not_read_again()
    {
        _bench.File("d/a", "a");
        _bench.File("d/b", "b");
        await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal((0, 2), (_bench.Cache.HashesKnown, _bench.Cache.HashesAsked));
        await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal((2, 4), (_bench.Cache.HashesKnown, _bench.Cache.HashesAsked));
    }

    [Fact]
    public async Task A_file_that_changed_just_now_is_not_remembered()
    {
        _bench.Time.Ahead = TimeSpan.FromHours(-1);
        _bench.File("a", "a");
        await _bench.Build("FROM scratch\nCOPY a /");
        await _bench.Build("FROM scratch\nCOPY a /");
        Assert.Equal(0, _bench.Cache.HashesKnown);
    }

    [Fact]
    public async Task Two_stages_with_the_same_steps_do_them_once()
    {
        _bench.Executor.Writes("make", ("out", "x"));
        var image = await _bench.Build("FROM base AS a\nRUN make\nFROM base AS b\nRUN make\nFROM scratch\nCOPY --from=a /out /a\nCOPY --from=b /out /b");
        Assert.Single(_bench.Executor.Ran);
        Assert.Equal("x", _bench.Text(image, "b"));
    }

    [Fact]
    public async Task Two_builds_at_once_do_a_step_once()
    {
        var running = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        _bench.Executor.On("slow", async (step, _, ct) =>
        {
            running.TrySetResult();
            await go.Task.WaitAsync(ct);
            return new StepOutcome.Succeeded(Files.Layer(_bench.Layers, step.ClampModified, ("out", "x")));
        });
        using var other = new Workbench(_bench);
        var first = _bench.Build("FROM base\nRUN slow");
        await running.Task;
        var second = other.Build("FROM base\nRUN slow");
        go.SetResult();
        Assert.Equal((await first).ImageId, (await second).ImageId);
        Assert.Single(_bench.Executor.Ran);
    }

    [Fact]
    public async Task A_step_that_changed_nothing_has_no_layer_and_is_found_all_the_same()
    {
        const string Dockerfile = "FROM base\nRUN true\nCMD [\"x\"]";
        var image = await _bench.Build(Dockerfile);
        Assert.Single(image.Layers);
        Assert.True(image.Config.History![1].EmptyLayer);
        await _bench.Build(Dockerfile);
        Assert.Single(_bench.Executor.Ran);
    }

    [Fact]
    public async Task A_result_that_was_pruned_is_said_to_be()
    {
        _bench.File("a", "a");
        await _bench.Build("FROM scratch\nCOPY a /");
        _bench.Cache.ForgetSteps();
        await _bench.Build("FROM scratch\nCOPY a /");
        Assert.Equal("its result is no longer kept", _bench.Why("COPY a /"));
    }

    [Theory]
    [InlineData("WORKDIR /made", "made")]
    [InlineData("COPY a /made/", "made")]
    [InlineData("COPY <<file /\ntext\nfile", "file")]
    public async Task What_a_step_makes_itself_has_the_time_of_its_own_base(string step, string path)
    {
        _bench.File("a", "a");
        AddBase("older", 1_700_000_000);
        AddBase("newer", 1_800_000_000);
        var older = await _bench.Build($"FROM older\n{step}");
        var newer = await _bench.Build($"FROM newer\n{step}");
        Assert.Equal((1_700_000_000, "2023-11-14T22:13:20Z"), (_bench.Entry(older, path)!.Modified.Seconds, older.Config.Created));
        Assert.Equal((1_800_000_000, "2027-01-15T08:00:00Z"), (_bench.Entry(newer, path)!.Modified.Seconds, newer.Config.Created));
        Assert.Equal("the base's time changed", _bench.Why(step.Split('\n')[0]));
        Assert.Equal(older.ImageId, (await _bench.Build($"FROM older\n{step}")).ImageId);
        Assert.Equal("Cached", _bench.Outcomes()[step.Split('\n')[0]]);
    }

    [Fact]
    public async Task Two_bases_that_differ_in_their_time_only_stay_two()
    {
        AddBase("older", 1_700_000_000);
        AddBase("newer", 1_800_000_000);
        var image = await _bench.Build("FROM older AS a\nWORKDIR /made\nFROM newer\nWORKDIR /made\nCOPY --from=a / /of-the-older/");
        Assert.Equal("2027-01-15T08:00:00Z", image.Config.Created);
        Assert.Equal(1_800_000_000, _bench.Entry(image, "made")!.Modified.Seconds);
        Assert.Equal(1_700_000_000, _bench.Entry(image, "of-the-older/made")!.Modified.Seconds);
    }

    [Fact]
    public async Task A_base_with_another_time_but_the_same_layers_does_not_repeat_a_command()
    {
        AddBase("older", 1_700_000_000);
        AddBase("newer", 1_800_000_000);
        _bench.Executor.Writes("make", ("out", "x"));
        await _bench.Build("FROM older\nRUN make");
        var image = await _bench.Build("FROM newer\nRUN make");
        Assert.Single(_bench.Executor.Ran);
        Assert.Equal("2027-01-15T08:00:00Z", image.Config.Created);
    }

    [Fact]
    public async Task A_file_that_becomes_a_further_name_of_another_is_a_change()
    {
        _bench.File("d/first", "same");
        _bench.File("d/second", "same");
        var two = await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal(EntryKind.Regular, _bench.Entry(two, "second")!.Kind);
        var second = Path.Combine(_bench.Context, "d/second");
        File.Delete(second);
        using (var root = RootedDirectory.Open(_bench.Context))
        {
            root.MakeHardLink("d/first"u8, "d/second"u8);
        }
        var one = await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal("d/second changed", _bench.Why("COPY d /"));
        Assert.Equal(EntryKind.HardLink, _bench.Entry(one, "second")!.Kind);
        File.Delete(second);
        File.Copy(Path.Combine(_bench.Context, "d/first"), second);
        var again = await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal(EntryKind.Regular, _bench.Entry(again, "second")!.Kind);
    }

    [Fact]
    public async Task A_name_outside_of_what_is_copied_makes_no_difference()
    {
        _bench.File("d/first", "same");
        await _bench.Build("FROM scratch\nCOPY d /");
        using (var root = RootedDirectory.Open(_bench.Context))
        {
            root.MakeHardLink("d/first"u8, "elsewhere"u8);
        }
        await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal("Cached", _bench.Outcomes()["COPY d /"]);
    }

    [Fact]
    public async Task The_cache_learns_once_what_a_build_used_even_one_that_failed()
    {
        _bench.File("a", "a");
        _bench.Executor.Fails("broken", 1, "no");
        const string Dockerfile = "FROM base\nCOPY a /\nRUN make";
        await _bench.Build(Dockerfile);
        Assert.Empty(_bench.Cache.Touched);
        var made = _bench.Cache.Keys.ToHashSet();
        await _bench.Build(Dockerfile);
        Assert.Equal(made, Assert.Single(_bench.Cache.Touched).ToHashSet());
        await _bench.Fails<StepFailedException>(Dockerfile + "\nRUN broken");
        Assert.Equal(made, _bench.Cache.Touched[1].ToHashSet());
        await _bench.Build(Dockerfile, request => request with { NoCache = true });
        Assert.Equal(2, _bench.Cache.Touched.Count);
    }

    [Fact]
    public async Task A_cache_that_can_not_note_what_was_used_is_a_warning_and_hides_no_failure()
    {
        _bench.File("a", "a");
        _bench.Executor.Fails("broken", 1, "no");
        const string Dockerfile = "FROM base\nCOPY a /";
        await _bench.Build(Dockerfile);
        _bench.Cache.TouchFailure = new IOException("No space left on device");
        await _bench.Build(Dockerfile);
        Assert.Contains("No space left on device", Assert.Single(_bench.Events.OfType<BuildEvent.Warning>()).Message, StringComparison.Ordinal);
        await _bench.Fails<StepFailedException>(Dockerfile + "\nRUN broken");
    }

    /// <summary>The same layers every time.</summary>
    private void AddBase(string name, long created) => _bench.Images.Add(name, new ImageConfig
    {
        Architecture = Platform.Local.Architecture,
        Os = "linux",
        Created = OciTime.Format(DateTimeOffset.FromUnixTimeSeconds(created)),
        RootFs = new RootFs { DiffIds = [Files.Layer(_bench.Layers, null, ("etc/passwd", "root:x:0:0::/:/bin/sh\n")).DiffId] },
        History = [new HistoryEntry { CreatedBy = "base" }],
    });
}
