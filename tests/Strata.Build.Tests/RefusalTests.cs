namespace Strata.Build.Tests;

/// <summary>What can't be built is refused with the line and a way out, never passed over.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("RUN --mount=type=cache,target=/root/.npm npm ci", "RUN --mount=type=cache can't be built yet; take it out")]
    [InlineData("RUN --mount=type=bind,source=a,target=/a x", "RUN --mount=type=bind can't be built yet; COPY the files")]
    [InlineData("RUN --mount=type=secret,id=token x", "type=ssh can't be built yet; fetch what needs them before the build")]
    [InlineData("RUN --security=insecure x", "RUN --security=insecure can't be built yet")]
    [InlineData("COPY --link a /", "COPY --link can't be built yet")]
    [InlineData("COPY --parents a /", "COPY --parents can't be built yet")]
    [InlineData("ADD https://example.org/x /", "ADD from https://example.org/x can't be built yet")]
    [InlineData("ADD git@github.com:a/b.git /", "ADD from git@github.com:a/b.git can't be built yet")]
    [InlineData("COPY https://example.org/x /", "source can't be a URL for COPY")]
    [InlineData("COPY --from=7 a /", "there is no stage 7")]
    [InlineData("COPY --from=UPPER/Case a /", "is neither a stage nor an image")]
    [InlineData("STOPSIGNAL SIGNOTHING", "invalid signal: SIGNOTHING")]
    [InlineData("EXPOSE 99999", "invalid containerPort: 99999")]
    [InlineData("ENV a=${x:?needed}", "x: needed")]
    [InlineData("VOLUME $nothing", "VOLUME specified can not be an empty string")]
    public async Task An_instruction_is_refused_with_its_line(string instruction, string expected)
    {
        var message = await _bench.Refusal($"FROM base\n\n{instruction}");
        Assert.StartsWith("Dockerfile:3: ", message);
        Assert.Contains(expected, message);
        Assert.Empty(_bench.Executor.Ran);
    }

    [Fact]
    public async Task Another_platform_is_refused()
    {
        Assert.Contains("only images for this machine", await _bench.Refusal("FROM --platform=linux/s390x base"));
        Assert.Contains("only images for this machine", await _bench.Refusal("FROM base", request => request with { Platform = Oci.Platform.Parse("linux/s390x") }));
    }

    [Fact]
    public async Task A_foreign_frontend_is_refused_and_Dockers_own_is_not()
    {
        Assert.Contains("Dockerfile:1: syntax=example.org/my/frontend", await _bench.Refusal("# syntax=example.org/my/frontend\nFROM base"));
        await _bench.Build("# syntax=docker/dockerfile:1.7\nFROM base");
    }

    [Fact]
    public async Task A_target_that_is_not_there_is_named_with_the_one_that_was_meant() =>
        Assert.Equal("target stage \"biuld\" could not be found in Dockerfile; did you mean build?", await _bench.Refusal("FROM base AS build", request => request with { Target = "biuld" }));

    [Fact]
    public async Task A_stage_that_was_meant_is_named_when_its_name_is_no_image_either() =>
        Assert.EndsWith("; did you mean the stage build?", await _bench.Refusal("FROM base AS build\nFROM scratch\nCOPY --from=biuld /bin /x"));

    [Fact]
    public async Task Stages_that_need_each_other_are_refused() =>
        Assert.Contains("circular dependency detected on stage: b", await _bench.Refusal("FROM base AS a\nCOPY --from=b /bin /x\nFROM base AS b\nCOPY --from=a /bin /x"));

    [Fact]
    public async Task A_file_that_cannot_be_read_shows_every_problem()
    {
        var failure = await _bench.Fails<DockerfileException>("FROM base\nCOPPY a b\nRUN");
        Assert.Equal(2, failure.Errors.Length);
        Assert.Contains("Dockerfile:2: unknown instruction", failure.Message);
        Assert.NotEmpty(failure.Excerpt);
    }

    [Fact]
    public async Task A_build_without_a_context_has_nothing_to_copy()
    {
        await _bench.Build("FROM base\nRUN x", request => request with { ContextDirectory = null });
        Assert.Contains("this build has no context to copy from", await _bench.Refusal("FROM base\nCOPY a /", request => request with { ContextDirectory = null }));
    }

    [Fact]
    public async Task A_bad_ignore_file_is_named_with_its_line()
    {
        _bench.File("a", "a");
        _bench.File(".dockerignore", "ok\n!\n");
        Assert.StartsWith(".dockerignore:2: ", await _bench.Refusal("FROM base\nCOPY a /"));
    }
}
