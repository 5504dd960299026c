using Strata.Oci;

namespace Strata.Build.Tests;

/// <summary>Where variables come from, how far they reach, and what the other instructions leave in the config.</summary>
public sealed class ScopeTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private async Task<IReadOnlyList<string>> Environment(string dockerfile, params (string Name, string Value)[] args)
    {
        await _bench.Build(dockerfile, request => request with { NoCache = true, BuildArgs = request.BuildArgs.AddRange(args.Select(arg => KeyValuePair.Create(arg.Name, arg.Value))) });
        return _bench.Executor.Last.Environment;
    }

    [Fact]
    public async Task A_global_argument_reaches_a_stage_only_when_it_is_declared_there()
    {
        Assert.DoesNotContain("V=1", await Environment("ARG V=1\nFROM base\nRUN env"));
        Assert.Contains("V=1", await Environment("ARG V=1\nFROM base\nARG V\nRUN env"));
        Assert.Contains("V=2", await Environment("ARG V=1\nFROM base\nARG V=2\nRUN env"));
        Assert.Contains("V=3", await Environment("ARG V=1\nFROM base\nARG V=2\nRUN env", ("V", "3")));
        Assert.DoesNotContain("V=3", await Environment("FROM base\nRUN env", ("V", "3")));
    }

    [Fact]
    public async Task The_later_of_ENV_and_ARG_counts()
    {
        Assert.Contains("V=env", await Environment("FROM base\nARG V=arg\nENV V=env\nRUN env"));
        Assert.Contains("V=arg", await Environment("FROM base\nENV V=env\nARG V=arg\nRUN env"));
        Assert.Contains("V=env", await Environment("FROM base\nENV V=env\nARG V\nRUN env"));
    }

    [Fact]
    public async Task Arguments_stay_out_of_the_image_and_reach_stages_made_from_theirs()
    {
        var image = await _bench.Build("FROM base AS one\nARG V=1\nENV W=$V\nFROM one\nRUN env");
        Assert.Contains("V=1", _bench.Executor.Last.Environment);
        Assert.Equal(["PATH=/bin", "BASE=1", "W=1"], image.Config.Config!.Env!);
        Assert.Equal("RUN |1 V=1 /bin/sh -c env # buildkit", image.Config.History![^1].CreatedBy);
    }

    [Fact]
    public async Task One_instruction_sees_one_environment()
    {
        var image = await _bench.Build("FROM scratch\nENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc");
        Assert.Equal(["abc=bye", "def=hello", "ghi=bye"], image.Config.Config!.Env!.Skip(1));
    }

    [Fact]
    public async Task The_platform_is_known_without_asking()
    {
        var architecture = Platform.Local.Architecture;
        Assert.Contains($"TARGETARCH={architecture}", await Environment("FROM --platform=$BUILDPLATFORM base\nARG TARGETARCH\nRUN env"));
        Assert.Contains("TARGETSTAGE=default", await Environment("FROM base\nARG TARGETSTAGE\nRUN env"));
        Assert.Contains("TARGETOS=mine", await Environment("FROM base\nARG TARGETOS\nRUN env", ("TARGETOS", "mine")));
    }

    [Fact]
    public async Task A_base_is_named_by_global_arguments()
    {
        await _bench.Build("ARG NAME=ba\nARG FULL=${NAME}se\nFROM $FULL\nCMD [\"x\"]");
        Assert.Equal(["base:latest"], _bench.Images.Asked);
        Assert.Contains("should not be blank", await _bench.Refusal("FROM $NOTHING"));
    }

    [Fact]
    public async Task A_stage_from_nothing_gets_a_path_and_a_working_directory()
    {
        var image = await _bench.Build("FROM scratch\nLABEL a=b");
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], image.Config.Config!.Env!);
        Assert.Equal("/", image.Config.Config.WorkingDir);
        Assert.Empty(image.Layers);
        Assert.Equal("1970-01-01T00:00:00Z", image.Config.Created);
    }

    [Fact]
    public async Task The_config_says_what_the_instructions_said()
    {
        var image = await _bench.Build("""
            FROM scratch
            MAINTAINER me@example.org
            ENV HOME=/root
            LABEL b=2 a="1 $HOME"
            EXPOSE 443 80/udp 8000-8001
            VOLUME ["/var/lib"]
            USER node:web
            STOPSIGNAL SIGINT
            SHELL ["/bin/bash", "-c"]
            CMD echo hi
            HEALTHCHECK --interval=5m --timeout=3s CMD curl -f http://localhost/
            ONBUILD RUN make
            """);
        var config = image.Config.Config!;
        Assert.Equal("me@example.org", image.Config.Author);
        Assert.Equal([("a", "1 /root"), ("b", "2")], config.Labels!.Select(label => (label.Key, label.Value)));
        Assert.Equal(["443/tcp", "80/udp", "8000/tcp", "8001/tcp"], config.ExposedPorts!);
        Assert.Contains("/var/lib", config.Volumes!);
        Assert.Equal("node:web", config.User);
        Assert.Equal("SIGINT", config.StopSignal);
        Assert.Equal(["/bin/bash", "-c"], config.Shell!);
        Assert.Equal(["/bin/bash", "-c", "echo hi"], config.Cmd!);
        Assert.Equal(["CMD-SHELL", "curl -f http://localhost/"], config.Healthcheck!.Test!);
        Assert.Equal(300_000_000_000, config.Healthcheck.Interval);
        Assert.Equal(["RUN make"], config.OnBuild!);
        Assert.Contains("CMD [\"/bin/bash\" \"-c\" \"echo hi\"]", image.Config.History!.Select(entry => entry.CreatedBy));
        Assert.Contains(
            "HEALTHCHECK {Test:[CMD-SHELL curl -f http://localhost/] Interval:5m0s Timeout:3s StartPeriod:0s StartInterval:0s Retries:0}",
            image.Config.History!.Select(entry => entry.CreatedBy));
    }

    [Fact]
    public async Task An_entrypoint_drops_the_command_it_inherited_but_not_its_own()
    {
        Assert.Null((await _bench.Build("FROM base\nENTRYPOINT [\"app\"]")).Config.Config!.Cmd);
        Assert.Equal(["own"], (await _bench.Build("FROM base\nCMD [\"own\"]\nENTRYPOINT [\"app\"]")).Config.Config!.Cmd!);
    }

    [Fact]
    public async Task A_working_directory_is_made_for_its_user_once()
    {
        var image = await _bench.Build("FROM base\nUSER node\nWORKDIR /home/node/app\nWORKDIR /home/node/app\nWORKDIR /");
        var entry = _bench.Entry(image, "home/node/app")!;
        Assert.Equal((1000u, 1000u, 0x1EDu), (entry.UserId, entry.GroupId, entry.Mode));
        Assert.Equal(2, image.Layers.Length);
        Assert.Equal("/", image.Config.Config!.WorkingDir);
        Assert.Equal([null, true, null, true, true], image.Config.History!.Select(history => history.EmptyLayer));
    }

    [Fact]
    public async Task Triggers_of_the_base_run_first_and_are_not_passed_on()
    {
        _bench.AddImage("onbuild", ["COPY . /src", "RUN build"]);
        _bench.File("a", "a");
        var image = await _bench.Build("FROM onbuild\nRUN after");
        Assert.Equal("a", _bench.Text(image, "src/a"));
        Assert.Equal(["build", "after"], _bench.Executor.Ran.Select(step => step.Arguments[^1]));
        Assert.Null(image.Config.Config!.OnBuild);
        Assert.Contains("[3/4] ONBUILD RUN build", _bench.Events.OfType<BuildEvent.Started>().Select(e => e.Name));
    }

    [Fact]
    public async Task Scripts_in_the_Dockerfile_are_run()
    {
        await _bench.Build("FROM base\nRUN <<EOF\necho one\necho two\nEOF");
        Assert.Equal(["/bin/sh", "-c", "echo one\necho two\n"], _bench.Executor.Last.Arguments);
        await _bench.Build("FROM base\nRUN <<PY\n#!/usr/bin/python3\nprint(1)\nPY");
        Assert.Equal(["/bin/sh", "-c", "/dev/pipes/PY"], _bench.Executor.Last.Arguments);
        var script = Assert.Single(_bench.Executor.Last.Files);
        Assert.Equal(("/dev/pipes/PY", 0x1EDu, "#!/usr/bin/python3\nprint(1)\n"), (script.Path, script.Mode, System.Text.Encoding.UTF8.GetString(script.Content.Span)));
    }

    [Fact]
    public async Task The_exec_form_is_run_without_a_shell()
    {
        await _bench.Build("FROM base\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN [\"/bin/app\", \"$HOME\"]\nRUN a | b");
        Assert.Equal(["/bin/app", "$HOME"], _bench.Executor.Ran.First().Arguments);
        Assert.Equal(["/bin/bash", "-o", "pipefail", "-c", "a | b"], _bench.Executor.Last.Arguments);
    }

    [Fact]
    public async Task The_network_is_the_steps_own_or_the_builds()
    {
        await _bench.Build("FROM base\nRUN --network=none a\nRUN b", request => request with { Network = StepNetwork.Host });
        Assert.Equal([StepNetwork.None, StepNetwork.Host], _bench.Executor.Ran.Select(step => step.Network));
    }

    [Fact]
    public async Task Labels_of_the_request_are_added_at_the_end()
    {
        var image = await _bench.Build("FROM scratch\nLABEL a=file", request => request with { Labels = request.Labels.Add("a", "option").Add("b", "2") });
        Assert.Equal([("a", "option"), ("b", "2")], image.Config.Config!.Labels!.Select(label => (label.Key, label.Value)));
    }

    [Fact]
    public async Task A_build_argument_that_no_ARG_asks_for_is_told()
    {
        await _bench.Build("ARG ONE\nFROM base\nARG TWO\nRUN x", request => request with
        {
            BuildArgs = request.BuildArgs.Add("ONE", "1").Add("TWO", "2").Add("TOW", "3").Add("http_proxy", "p").Add("SOURCE_DATE_EPOCH", "1"),
        });
        var warning = Assert.Single(_bench.Events.OfType<BuildEvent.Warning>());
        Assert.Equal("--build-arg TOW is not used: no ARG in Dockerfile has that name; did you mean TWO?", warning.Message);
    }
}
