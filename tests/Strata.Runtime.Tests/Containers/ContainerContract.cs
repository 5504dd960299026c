using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;

namespace Strata.Runtime.Tests.Containers;

public sealed class RuncContainers : ContainerContract
{
    protected override string RuntimeName => "runc";
}

public sealed class CrunContainers : ContainerContract
{
    protected override string RuntimeName => "crun";
}

/// <summary>What every runtime must do with a container under its monitor.</summary>
public abstract partial class ContainerContract : IDisposable
{
    private static readonly TimeSpan NoGrace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongGrace = TimeSpan.FromSeconds(30);
    private readonly List<ContainerDirectory> _containers = [];
    private Machine? _machine;

    protected abstract string RuntimeName { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Machine Machine => _machine ??= Machine.Require(RuntimeName);

    private ContainerLauncher Launcher => new(Machine.Executable, Machine.Runtime);

    public void Dispose()
    {
        foreach (var container in _containers)
        {
            KillMonitor(container);
        }

        _machine?.Dispose();
        GC.SuppressFinalize(this);
    }

    private ContainerDirectory NewContainer()
    {
        var container = new ContainerDirectory(Path.Combine(Machine.NewFolder("containers"), $"c{_containers.Count}"));
        _containers.Add(container);
        return container;
    }

    private ContainerRequest Request(params string[] arguments) => new()
    {
        Snapshots = [Machine.Image],
        Container = new ContainerSpec { Arguments = arguments, Hostname = "inside", Environment = ["PATH=/bin"] },
    };

    private ContainerRequest Script(string script) => Request("/bin/sh", "-c", script);

    private static async Task<List<LogRecord>> Log(ContainerDirectory container, int? tail = null, bool follow = false)
    {
        var records = new List<LogRecord>();
        await foreach (var record in container.Log.ReadAsync(tail, follow, TimeProvider.System, Ct))
        {
            records.Add(record);
        }

        return records;
    }

    private static string Text(IEnumerable<LogRecord> records, OutputStream stream) =>
        string.Concat(records.Where(record => record.Stream == stream).Select(record => Encoding.UTF8.GetString(record.Bytes.Span)));

    private static Task Logged(ContainerDirectory container, string text) =>
        Machine.Eventually(() => File.Exists(LogFile(container)) && File.ReadAllText(LogFile(container)).Contains(text, StringComparison.Ordinal), $"{text} in the log");

    private static string LogFile(ContainerDirectory container) => Path.Combine(container.Path, "container.log");

    private static void KillMonitor(ContainerDirectory container)
    {
        foreach (var pid in Machine.ProcessesWith("__monitor\0" + container.Path + "\0"))
        {
            using var process = PidHandle.Open(pid);
            process?.Signal(SignalNumber.SIGKILL);
        }
    }

    [Fact]
    public async Task A_monitor_that_may_not_write_its_files_says_so_and_leaves_no_dead_container()
    {
        var container = NewContainer();
        // A folder in the log's place: opening it is not allowed.
        Directory.CreateDirectory(container.LogFile);
        var error = await Assert.ThrowsAsync<OciRuntimeException>(() => Launcher.StartAsync(container, Script("sleep 100"), Ct));
        Assert.StartsWith("the container could not be started: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(125, error.ExitCode);
        Assert.Equal(ContainerPhase.Exited, container.Status().Phase);
    }

    [Fact]
    public async Task A_detached_container_runs_logs_and_leaves_its_code()
    {
        var container = NewContainer();
        Assert.Equal(ContainerPhase.Created, container.Status().Phase);
        var signs = Machine.NewFolder("signs");
        var request = Script("echo out; echo err >&2; printf half; hostname > /tmp/name; while [ ! -e /signs/go ]; do sleep 0.02; done; exit 5");
        await Launcher.StartAsync(container, request with { Container = request.Container with { Mounts = [new BindMount { Target = "/signs", Source = signs }] } }, Ct);
        Assert.Equal(ContainerPhase.Running, container.Status().Phase);
        File.WriteAllText(Path.Combine(signs, "go"), "");
        Assert.Equal(5, (await container.WaitAsync(Ct))!.Code);
        var status = container.Status();
        Assert.Equal(ContainerPhase.Exited, status.Phase);
        Assert.InRange(status.Exit!.FinishedAt - status.StartedAt!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        var log = await Log(container);
        Assert.Equal("out\nhalf", Text(log, OutputStream.Output));
        Assert.Equal("err\n", Text(log, OutputStream.Error));
        Assert.Equal("inside\n", File.ReadAllText(Path.Combine(container.Upper, "tmp/name")));
        Assert.Empty(Machine.MountsLeft);
        Assert.True(container.TryRemove());
        Assert.False(Directory.Exists(container.Path));
    }

    [Theory]
    [InlineData("nope", 127)]
    [InlineData("/etc", 126)]
    public async Task A_detached_container_that_cannot_start_says_so_at_once(string program, int code)
    {
        var container = NewContainer();
        var refused = await Assert.ThrowsAsync<OciRuntimeException>(() => Launcher.StartAsync(container, Request(program), Ct));
        Assert.Equal(code, refused.ExitCode);
        Assert.StartsWith(program + ":", refused.Message, StringComparison.Ordinal);
        Assert.Equal(code, container.Status().Exit!.Code);
        Assert.Equal(refused.Message, container.Status().Exit!.Problem);
        Assert.True(container.TryRemove());
    }

    [Theory]
    [InlineData("#!/no/interpreter\n", 127)]
    [InlineData("\u0001\u0002\u0003 no program", 126)]
    public async Task A_program_that_only_exec_refuses_does_not_run_either(string content, int code)
    {
        var program = Path.Combine(Machine.Image, "bin/broken");
        File.WriteAllText(program, content);
        File.SetUnixFileMode(program, (UnixFileMode)0x1ED);
        var container = NewContainer();
        try
        {
            await Launcher.StartAsync(container, Request("broken"), Ct);
        }
        catch (OciRuntimeException refused)
        {
            // crun tells; runc has let go by then, and its init ends with 1.
            Assert.Equal(code, refused.ExitCode);
        }
        Assert.Contains((await container.WaitAsync(Ct))!.Code, new[] { code, 1 });
        Assert.Contains("broken", Text(await Log(container), OutputStream.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Following_the_log_ends_with_the_container()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Script("for i in 1 2 3; do echo line $i; sleep 0.1; done"), Ct);
        Assert.Equal("line 1\nline 2\nline 3\n", Text(await Log(container, follow: true), OutputStream.Output));
        Assert.Equal("line 2\nline 3\n", Text(await Log(container, tail: 2), OutputStream.Output));
        Assert.Empty(await Log(container, tail: 0));
    }

    [Fact]
    public async Task The_log_is_dockers_json_file()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Script("echo 'a \"b\" <ü>'"), Ct);
        await container.WaitAsync(Ct);
        Assert.Matches("""^\{"log":"a \\"b\\" <ü>\\n","stream":"stdout","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"\}\n$""", File.ReadAllText(LogFile(container)));
    }

    [Fact]
    public async Task Stop_asks_first_and_the_program_can_end_by_itself()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Script("trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.05; done"), Ct);
        await Logged(container, "ready");
        Assert.True(await container.StopAsync(null, LongGrace, TimeProvider.System, Ct));
        Assert.Equal(3, container.Status().Exit!.Code);
        Assert.Equal("ready\nasked\n", Text(await Log(container), OutputStream.Output));
        Assert.False(await container.StopAsync(null, LongGrace, TimeProvider.System, Ct));
    }

    [Fact]
    public async Task Stop_kills_what_does_not_listen_when_the_grace_is_over()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Script("trap 'echo no' TERM; echo ready; while :; do sleep 0.05; done"), Ct);
        await Logged(container, "ready");
        Assert.True(await container.StopAsync(null, NoGrace, TimeProvider.System, Ct));
        Assert.Equal(137, container.Status().Exit!.Code);
        Assert.StartsWith("ready\nno\n", Text(await Log(container), OutputStream.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_uses_the_signal_the_container_was_made_with()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Script("trap 'exit 9' USR1; echo ready; while :; do sleep 0.05; done") with { StopSignal = SignalNumber.SIGUSR1 }, Ct);
        await Logged(container, "ready");
        Assert.True(await container.StopAsync(null, LongGrace, TimeProvider.System, Ct));
        Assert.Equal(9, container.Status().Exit!.Code);
    }

    [Fact]
    public async Task A_killed_container_ends_with_137()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Request("/bin/sleep", Machine.Unique), Ct);
        Assert.False(container.TryRemove());
        Assert.True(container.Signal(SignalNumber.SIGKILL));
        Assert.Equal(137, (await container.WaitAsync(Ct))!.Code);
        Assert.True(container.TryRemove());
    }

    [Fact]
    public async Task A_container_whose_monitor_is_killed_is_dead_with_all_it_started()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Script($"sleep {Machine.Unique} & sleep {Machine.Unique}"), Ct);
        await Machine.Eventually(() => Machine.ProcessesWith("sleep\0" + Machine.Unique).Count == 2, "two sleeps run");
        KillMonitor(container);
        Assert.Null(await container.WaitAsync(Ct));
        Assert.Equal(ContainerPhase.Dead, container.Status().Phase);
        await Machine.Eventually(() => Machine.ProcessesWith("sleep\0" + Machine.Unique).Count == 0, "the sleeps end");
        Assert.Empty(Machine.MountsLeft);
        Assert.False(container.Signal(SignalNumber.SIGTERM));
        Assert.True(container.TryRemove());
        ControlGroups.Sweep();
    }

    [Fact]
    public async Task A_container_runs_once()
    {
        var container = NewContainer();
        await Launcher.StartAsync(container, Request("/bin/true"), Ct);
        await container.WaitAsync(Ct);
        await Assert.ThrowsAsync<OciRuntimeException>(() => Launcher.StartAsync(container, Request("/bin/true"), Ct));
    }

    [Fact]
    public async Task In_the_foreground_streams_and_code_are_passed_through_and_logged()
    {
        var container = NewContainer();
        var (input, typing) = Pipes.Create();
        var (shown, output) = Pipes.Create();
        var (complained, error) = Pipes.Create();
        using (input)
        using (output)
        using (error)
        {
            using (var keyboard = new DescriptorStream(typing))
            {
                keyboard.Write("typed\n"u8);
            }

            var code = await Launcher.RunAsync(container, Script("cat; echo bad >&2; exit 4") with { Interactive = true }, new ContainerStreams(input, output, error), Ct);
            Assert.Equal(4, code);
        }
        Assert.Equal("typed\n", await new StreamReader(new DescriptorStream(shown)).ReadToEndAsync(Ct));
        Assert.Equal("bad\n", await new StreamReader(new DescriptorStream(complained)).ReadToEndAsync(Ct));
        Assert.Equal("typed\n", Text(await Log(container), OutputStream.Output));
    }

    [Fact]
    public async Task Without_interactive_there_is_nothing_to_read()
    {
        var container = NewContainer();
        var (input, typing) = Pipes.Create();
        using (input)
        using (typing)
        using (var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            Assert.Equal(0, await Launcher.RunAsync(container, Script("cat"), new ContainerStreams(input, nowhere, nowhere), Ct));
        }
    }

    [Fact]
    public async Task Cancelling_a_foreground_container_kills_it()
    {
        var container = NewContainer();
        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var cancel = new CancellationTokenSource();
        var running = Launcher.RunAsync(container, Script($"echo ready; sleep {Machine.Unique}"), new ContainerStreams(nowhere, nowhere, nowhere), cancel.Token);
        await Logged(container, "ready");
        await Machine.Eventually(() => container.Status().Phase == ContainerPhase.Running, "it is seen to run");
        var watch = Stopwatch.StartNew();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(watch.ElapsedMilliseconds < 5000, $"{watch.ElapsedMilliseconds} ms");
        await Machine.Eventually(() => Machine.ProcessesWith("sleep\0" + Machine.Unique).Count == 0, "the sleep ends");
    }

    [Fact]
    public async Task Another_process_can_stop_a_foreground_container()
    {
        var container = NewContainer();
        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var running = Launcher.RunAsync(container, Script("trap 'exit 6' TERM; echo ready; while :; do sleep 0.05; done"), new ContainerStreams(nowhere, nowhere, nowhere), Ct);
        await Logged(container, "ready");
        Assert.True(await new ContainerDirectory(container.Path).StopAsync(null, LongGrace, TimeProvider.System, Ct));
        Assert.Equal(6, await running);
    }

    [Fact]
    public async Task A_container_stopped_while_it_starts_ends_and_its_owner_reads_how()
    {
        var container = NewContainer();
        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var running = Launcher.RunAsync(container, Request("/bin/sleep", Machine.Unique), new ContainerStreams(nowhere, nowhere, nowhere), Ct);
        Assert.True(container.HasOwner);
        Assert.NotEqual(ContainerPhase.Dead, container.Status().Phase);
        // The first process of a container is deaf to SIGTERM; so it is to end only when the grace is over, or at once.
        Assert.True(await new ContainerDirectory(container.Path).StopAsync(SignalNumber.SIGKILL, LongGrace, TimeProvider.System, Ct));
        Assert.Equal(137, await running);
        Assert.False(container.HasOwner);
    }

    [Fact]
    public async Task A_container_that_starts_is_never_seen_dead()
    {
        var container = NewContainer();
        var starting = Launcher.StartAsync(container, Request("/bin/sleep", Machine.Unique), Ct);
        while (!starting.IsCompleted)
        {
            Assert.Contains(container.Status().Phase, new[] { ContainerPhase.Starting, ContainerPhase.Running });
        }

        await starting;
        Assert.False(container.HasOwner);
        Assert.True(container.Signal(SignalNumber.SIGKILL));
        await container.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_program_as_a_pipe_does()
    {
        var container = NewContainer();
        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var (read, write) = Pipes.Create();
        using (write)
        {
            var running = Launcher.RunAsync(container, Script("yes; exit 0"), new ContainerStreams(nowhere, write, nowhere), Ct);
            var screen = new DescriptorStream(read);
            screen.ReadExactly(new byte[100]);
            screen.Dispose();
            write.Dispose();
            Assert.Equal(0, await running);
        }
    }

    [Fact]
    public async Task In_a_terminal_keys_go_inside_the_size_is_the_terminals_and_ctrl_c_too()
    {
        var container = NewContainer();
        var (controller, path) = Terminal.OpenPty();
        using var screen = new DescriptorStream(controller);
        using var terminal = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Terminal.SetSize(controller, 93, 31);
        var request = Script("trap 'echo interrupted' INT; stty size; tty; read line; echo got $line; sleep 1; exit 8");
        request = request with { Interactive = true, Container = request.Container with { Terminal = true } };
        var running = Launcher.RunAsync(container, request, new ContainerStreams(terminal, terminal, terminal), Ct);
        await Logged(container, "/dev/");
        screen.Write("hello\n"u8);
        await Logged(container, "got hello");
        screen.Write([3]);
        await Logged(container, "interrupted");
        Assert.Equal(8, await running);
        var shown = new byte[4096];
        var length = screen.Read(shown);
        Assert.Matches(TerminalSession(), Encoding.UTF8.GetString(shown, 0, length));
    }

    [Theory]
    [InlineData("read line; exit 9", "\u0004", 0, 9)]
    [InlineData("trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done", "", SignalNumber.SIGTERM, 4)]
    [InlineData("echo ready; kill -9 1; sleep 1; exit 6", "", 0, 6)]
    public async Task However_it_ends_the_terminal_is_as_it_was(string script, string keys, int signal, int code)
    {
        var container = NewContainer();
        var (controller, path) = Terminal.OpenPty();
        using var screen = new DescriptorStream(controller);
        using var terminal = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var before = await SettingsAsync(path);
        var request = Script(script) with { Interactive = true };
        var running = Launcher.RunAsync(container, request with { Container = request.Container with { Terminal = true } }, new ContainerStreams(terminal, terminal, terminal), Ct);
        await Machine.Eventually(() => container.Status().Phase != ContainerPhase.Starting, "it runs");
        Assert.True(running.IsCompleted || before != await SettingsAsync(path));
        screen.Write(Encoding.UTF8.GetBytes(keys));
        if (signal != 0)
        {
            await Logged(container, "ready");
            using var self = PidHandle.Open(Environment.ProcessId);
            self!.Signal(signal);
        }

        Assert.Equal(code, await running);
        Assert.Equal(before, await SettingsAsync(path));
    }

    private static async Task<string> SettingsAsync(string terminal)
    {
        using var stty = Process.Start(new ProcessStartInfo("stty", ["-g", "-F", terminal]) { RedirectStandardOutput = true })!;
        var settings = await stty.StandardOutput.ReadToEndAsync(Ct);
        await stty.WaitForExitAsync(Ct);
        return settings;
    }

    [Fact]
    public async Task A_terminals_new_size_reaches_the_program()
    {
        var container = NewContainer();
        var (controller, path) = Terminal.OpenPty();
        using var screen = new DescriptorStream(controller);
        using var terminal = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Terminal.SetSize(controller, 80, 24);
        var request = Script("trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done");
        request = request with { Container = request.Container with { Terminal = true } };
        var running = Launcher.RunAsync(container, request, new ContainerStreams(terminal, terminal, terminal), Ct);
        await Logged(container, "ready");
        Terminal.SetSize(controller, 101, 41);
        using (var self = PidHandle.Open(Environment.ProcessId))
        {
            self!.Signal(SignalNumber.SIGWINCH);
        }

        Assert.Equal(0, await running);
        Assert.Equal("ready\r\n41 101\r\n", Text(await Log(container), OutputStream.Output));
    }

    [Fact]
    public async Task A_host_directory_is_bound_and_a_named_volume_refused()
    {
        var shared = Machine.NewFolder("shared");
        var container = NewContainer();
        var request = Script("echo x > /data/file; echo y > /read/no || exit 11");
        request = request with
        {
            Container = request.Container with
            {
                Mounts = [new BindMount { Target = "/data", Source = shared }, new BindMount { Target = "/read", Source = shared, ReadOnly = true }],
            },
        };
        await Launcher.StartAsync(container, request, Ct);
        Assert.Equal(11, (await container.WaitAsync(Ct))!.Code);
        Assert.Equal("x\n", File.ReadAllText(Path.Combine(shared, "file")));
        var named = request with { Container = request.Container with { Mounts = [new BindMount { Target = "/data", Source = "volume" }] } };
        var refused = await Assert.ThrowsAsync<OciRuntimeException>(() => Launcher.StartAsync(NewContainer(), named, Ct));
        Assert.Contains("named volumes do not exist", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_root_cannot_be_written()
    {
        var container = NewContainer();
        var request = Script("echo x > /file || exit 12");
        await Launcher.StartAsync(container, request with { Container = request.Container with { ReadOnlyRoot = true } }, Ct);
        Assert.Equal(12, (await container.WaitAsync(Ct))!.Code);
    }

    [Fact]
    public async Task A_device_node_of_an_image_cannot_be_opened()
    {
        Assert.SkipWhen(RuntimeName == "crun", "crun takes nodev away from the root it is given");
        using (var image = RootedDirectory.Open(Machine.Image))
        {
            image.MakeNode("node"u8, FileKind.CharacterDevice, 0x1B6, 1, 3); // 0666
        }

        var container = NewContainer();
        await Launcher.StartAsync(container, Script("cat /node"), Ct);
        Assert.Equal(1, (await container.WaitAsync(Ct))!.Code);
        Assert.Contains("Permission denied", Text(await Log(container), OutputStream.Error), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^31 93\r\n/dev/(pts/0|console)\r\nhello\r\ngot hello\r\n\^C", RegexOptions.CultureInvariant)]
    private static partial Regex TerminalSession();
}
