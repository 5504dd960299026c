namespace Strata.Build.Tests;

public sealed class SolverTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Stages_that_do_not_need_each_other_run_at_the_same_time()
    {
        var both = new CountdownEvent(2);
        Task<StepOutcome> Meet(RunStep step, IVertexOutput output, CancellationToken ct) => Task.Run(
            StepOutcome () =>
            {
                both.Signal();
                Assert.True(both.Wait(TimeSpan.FromSeconds(20), ct), "the other stage never started");
                return new StepOutcome.Succeeded(Files.Layer(_bench.Layers, null, (step.Arguments[^1], "x")));
            },
            ct);
        _bench.Executor.On("one", Meet);
        _bench.Executor.On("two", Meet);
        var image = await _bench.Build("FROM base AS a\nRUN one\nFROM base AS b\nRUN two\nFROM scratch\nCOPY --from=a /one /\nCOPY --from=b /two /");
        Assert.Equal(["/two"], _bench.Paths(image.Layers[1]));
    }

    [Fact]
    public async Task A_stage_nobody_needs_is_not_even_asked_for()
    {
        await _bench.Build("FROM nowhere AS unused\nRUN never\nFROM base AS wanted\nCMD [\"x\"]\nFROM elsewhere", request => request with { Target = "WANTED" });
        Assert.Equal(["base:latest"], _bench.Images.Asked);
        Assert.Empty(_bench.Executor.Ran);
    }

    [Fact]
    public async Task An_image_is_asked_for_once()
    {
        await _bench.Build("FROM base AS a\nFROM base AS b\nFROM scratch\nCOPY --from=a /bin/sh /a\nCOPY --from=b /bin/sh /b\nCOPY --from=base /bin/sh /c");
        Assert.Equal(["base:latest"], _bench.Images.Asked);
    }

    [Fact]
    public async Task A_command_that_fails_tells_its_line_its_code_and_its_last_words()
    {
        _bench.Executor.Fails("npm test", 3, "line one\n1 failing\nprogress\rdone\n");
        var failure = await _bench.Fails<StepFailedException>("FROM base\n\nRUN npm test\nCMD [\"x\"]");
        Assert.Equal(3, failure.ExitCode);
        Assert.Equal("[2/2] RUN npm test", failure.Step);
        Assert.Equal("Dockerfile:3: [2/2] RUN npm test: the command ended with exit code 3", failure.Message);
        Assert.Equal(["line one", "1 failing", "done"], failure.LastLines);
        Assert.Equal("RUN npm test", failure.Excerpt.Single(line => line.IsCause).Text);
        Assert.Equal("Failed", _bench.Outcomes()["RUN npm test"]);
    }

    [Fact]
    public async Task What_a_command_prints_is_reported_and_only_its_end_is_kept()
    {
        _bench.Executor.On("loud", (_, output, _) =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                output.Write(OutputStream.Output, System.Text.Encoding.UTF8.GetBytes($"{i}\n"));
            }
            return Task.FromResult<StepOutcome>(new StepOutcome.Failed(1));
        });
        var failure = await _bench.Fails<StepFailedException>("FROM base\nRUN loud");
        Assert.Equal(10_000, _bench.Events.OfType<BuildEvent.Log>().Count());
        Assert.Equal(20, failure.LastLines.Length);
        Assert.Equal("9999", failure.LastLines[^1]);
    }

    [Fact]
    public async Task The_first_failure_stops_the_other_stages()
    {
        var waiting = new TaskCompletionSource();
        _bench.Executor.On("wait", async (_, _, ct) =>
        {
            waiting.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
            return new StepOutcome.Succeeded(null);
        });
        _bench.Executor.On("fail", async (_, _, _) =>
        {
            await waiting.Task;
            return new StepOutcome.Failed(7);
        });
        var failure = await _bench.Fails<StepFailedException>("FROM base AS a\nRUN wait\nFROM base AS b\nRUN fail\nFROM scratch\nCOPY --from=a / /\nCOPY --from=b / /");
        Assert.Equal(7, failure.ExitCode);
        Assert.Equal("Canceled", _bench.Outcomes()["RUN wait"]);
        Assert.Equal("Failed", _bench.Outcomes()["RUN fail"]);
    }

    [Fact]
    public async Task A_build_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        _bench.Executor.On("wait", async (_, _, ct) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, ct);
            return new StepOutcome.Succeeded(null);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bench.Build("FROM base\nRUN wait", ct: stop.Token));
        Assert.Equal("Canceled", _bench.Outcomes()["RUN wait"]);
    }

    [Fact]
    public async Task A_step_that_cannot_be_run_says_why_and_where()
    {
        _bench.Executor.On("x", (_, _, _) => throw new StepException("neither runc nor crun was found: apt install crun"));
        Assert.Equal("Dockerfile:2: [2/2] RUN x: neither runc nor crun was found: apt install crun", await _bench.Refusal("FROM base\nRUN x"));
    }

    [Fact]
    public async Task An_image_that_cannot_be_had_says_why_and_where() =>
        Assert.Equal("Dockerfile:1: nowhere:latest is not in the registry; check its name", await _bench.Refusal("FROM nowhere"));
}
