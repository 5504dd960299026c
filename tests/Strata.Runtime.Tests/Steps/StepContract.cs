using System.Diagnostics;
using System.Text;
using Strata.Linux;

namespace Strata.Runtime.Tests.Steps;

public sealed class RuncSteps : StepContract
{
    protected override string RuntimeName => "runc";
}

public sealed class CrunSteps : StepContract
{
    protected override string RuntimeName => "crun";
}

/// <summary>What every runtime must do with a build step.</summary>
public abstract class StepContract : IDisposable
{
    private readonly CollectedOutput _output = new();
    private Machine? _machine;
    private int _steps;

    protected abstract string RuntimeName { get; }

    private Machine Machine => _machine ??= Machine.Require(RuntimeName);

    private StepRunner Runner => new(Machine.Executable, Machine.Runtime);

    public void Dispose()
    {
        _machine?.Dispose();
        GC.SuppressFinalize(this);
    }

    private static ContainerSpec Shell(string script) => new() { Arguments = ["/bin/sh", "-c", script], Hostname = "step", Environment = ["PATH=/bin"] };

    private StepSpec Step(ContainerSpec container, params string[] snapshots)
    {
        var number = _steps++;
        return new StepSpec
        {
            Snapshots = snapshots.Length == 0 ? [Machine.Image] : snapshots,
            Upper = Machine.NewFolder($"s{number}/upper"),
            Work = Machine.NewFolder($"s{number}/work"),
            MountPoint = Machine.NewFolder($"s{number}/mount"),
            Container = container,
        };
    }

    private Task<int> Run(string script) => Run(Step(Shell(script)));

    private Task<int> Run(StepSpec step) => Runner.RunAsync(step, _output, TestContext.Current.CancellationToken);

    private static IEnumerable<string> Tree(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal);

    [Fact]
    public async Task Both_output_streams_arrive_apart_and_the_code_is_the_programs()
    {
        Assert.Equal(7, await Run("echo out; echo err >&2; exit 7"));
        Assert.Equal("out\n", _output.Output);
        Assert.Equal("err\n", _output.Error);
        Assert.Empty(Machine.MountsLeft);
    }

    [Fact]
    public async Task What_a_step_writes_is_in_the_upper_directory_and_no_mount_point_is()
    {
        var step = Step(Shell("echo hello > /etc/new; mkdir /work"));
        var before = File.GetLastWriteTimeUtc(Path.Combine(Machine.Image, "etc"));
        Assert.Equal(0, await Run(step with { Container = step.Container with { Mounts = NetworkFiles.For(NetworkMode.Host, "step", "nameserver 9.9.9.9\n"u8.ToArray(), default, []) } }));
        Assert.Equal(["etc", "etc/new", "work"], Tree(step.Upper));
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(Machine.Image, "etc")));
    }

    [Fact]
    public async Task A_step_on_an_untouched_directory_with_a_mount_in_it_leaves_its_time_alone()
    {
        Directory.SetLastWriteTimeUtc(Path.Combine(Machine.Image, "etc"), new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        Directory.SetLastWriteTimeUtc(Machine.Image, new DateTime(2021, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        var step = Step(Shell("cat /etc/resolv.conf; stat -c %Y /etc /"));
        step = step with { Container = step.Container with { Mounts = NetworkFiles.For(NetworkMode.Host, "step", "nameserver 9.9.9.9\n"u8.ToArray(), default, []) } };
        Assert.Equal(0, await Run(step));
        Assert.Equal("nameserver 9.9.9.9\n1577934245\n1609556645\n", _output.Output);
        Assert.Equal(new DateTime(2021, 1, 2, 3, 4, 5, DateTimeKind.Utc), Directory.GetLastWriteTimeUtc(step.Upper));
        Assert.All(Tree(step.Upper), left => Assert.Equal("etc", left));
        if (Directory.Exists(Path.Combine(step.Upper, "etc")))
        {
            Assert.Equal(new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc), Directory.GetLastWriteTimeUtc(Path.Combine(step.Upper, "etc")));
        }
    }

    [Fact]
    public async Task A_device_node_of_a_layer_cannot_be_opened()
    {
        Assert.SkipWhen(RuntimeName == "crun", "crun takes nodev away from the root it is given");
        AddNode("node");
        Assert.Equal(1, await Run("cat /node"));
        Assert.Contains("Permission denied", _output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_node_of_a_mounted_layer_or_directory_cannot_be_opened()
    {
        AddNode("node");
        var step = Step(Shell("for at in ro rw host sub; do cat /$at/node && exit 9; done; exit 0"));
        step = step with
        {
            Container = step.Container with
            {
                Mounts =
                [
                    new LayersMount { Target = "/ro", Snapshots = [Machine.Image] },
                    new LayersMount { Target = "/rw", Snapshots = [Machine.Image], Writable = true },
                    new BindMount { Target = "/host", Source = Machine.Image, ReadOnly = true },
                    new BindMount { Target = "/sub", Source = Machine.Folder, SubPath = "image" },
                ],
            },
        };
        Assert.Equal(0, await Run(step));
        Assert.Equal(4, _output.Error.Split("Permission denied").Length - 1);
    }

    [Fact]
    public async Task A_device_node_that_a_step_makes_cannot_be_opened_wherever_it_is()
    {
        Assert.Equal(0, await Run("for at in / /dev/; do busybox mknod ${at}disk b 8 0 && cat ${at}disk && exit 9; done; exit 0"));
        var refusals = _output.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, refusals.Length);
        Assert.All(refusals, line => Assert.Matches("Permission denied|Operation not permitted", line));
    }

    [Fact]
    public async Task Fifos_and_the_harmless_devices_work()
    {
        Assert.Equal(0, await Run("set -e; busybox mkfifo /fifo; echo through > /fifo & cat /fifo; echo gone > /dev/null; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c"));
        Assert.Equal("through\n3\n3\n", _output.Output);
    }

    [Fact]
    public async Task An_insecure_step_opens_device_nodes()
    {
        AddNode("node");
        var step = Step(Shell("cat /node"));
        Assert.Equal(0, await Run(step with { Container = step.Container with { Security = SecurityMode.Insecure } }));
    }

    /// <summary>The null device under another name: whether it opens depends on nothing but the mount.</summary>
    private void AddNode(string name)
    {
        using var image = RootedDirectory.Open(Machine.Image);
        image.MakeNode(Encoding.UTF8.GetBytes(name), FileKind.CharacterDevice, 0x1B6, 1, 3); // 0666
    }

    [Fact]
    public async Task An_image_from_scratch_gets_no_dev_proc_or_sys()
    {
        var only = Machine.NewFolder("only");
        File.Copy(Path.Combine(Machine.Image, "bin/busybox"), Path.Combine(only, "busybox"));
        var step = Step(new ContainerSpec { Arguments = ["/busybox", "touch", "/made"], Hostname = "step" }, only);
        Assert.Equal(0, await Run(step with { Container = step.Container with { Mounts = NetworkFiles.For(NetworkMode.Host, "step", default, default, []) } }));
        Assert.Equal(["made"], Tree(step.Upper));
    }

    [Fact]
    public async Task A_mount_over_a_dangling_link_lands_where_the_link_leads_and_leaves_nothing()
    {
        File.CreateSymbolicLink(Path.Combine(Machine.Image, "etc/resolv.conf"), "../run/systemd/stub.conf");
        var step = Step(Shell("cat /etc/resolv.conf"));
        step = step with { Container = step.Container with { Mounts = [new ContentMount { Target = "/etc/resolv.conf", Content = "nameserver 1.1.1.1\n"u8.ToArray() }] } };
        Assert.Equal(0, await Run(step));
        Assert.Equal("nameserver 1.1.1.1\n", _output.Output);
        Assert.Empty(Tree(step.Upper));
    }

    [Theory]
    [InlineData("nope", 127, "nope: not found in PATH (/bin)")]
    [InlineData("/nope", 127, "/nope: there is no such file")]
    [InlineData("/etc", 126, "/etc: it is not an executable file (permission denied)")]
    [InlineData("/etc/plain", 126, "/etc/plain: it is not an executable file (permission denied)")]
    public async Task A_program_that_cannot_be_started_is_named_with_the_code_of_a_shell(string program, int code, string sentence)
    {
        File.WriteAllText(Path.Combine(Machine.Image, "etc/plain"), "");
        Assert.Equal(code, await Run(Step(new ContainerSpec { Arguments = [program], Hostname = "step", Environment = ["PATH=/bin"] })));
        Assert.Equal(sentence + "\n", _output.Error);
    }

    [Fact]
    public async Task A_program_killed_by_a_signal_ends_with_128_and_its_number()
    {
        Assert.Equal(137, await Run("sh -c 'kill -9 $$'; exit $?"));
    }

    [Fact]
    public async Task Nothing_inside_is_inherited_capabilities_are_dockers_and_system_calls_are_refused()
    {
        Assert.Equal(0, await Run("grep -E '^(Cap(Inh|Eff|Bnd|Amb)|Seccomp|NoNewPrivs):' /proc/self/status; ls /proc/self/fd | wc -l; mount -t tmpfs none /tmp 2>&1; env"));
        Assert.Contains("CapInh:\t0000000000000000\n", _output.Output, StringComparison.Ordinal);
        // Docker's set; without a control group, whose device rules would fence it, not CAP_MKNOD (bit 27).
        var capabilities = RuntimeName == "crun" ? "00000000a00425fb" : "00000000a80425fb";
        Assert.Contains($"CapEff:\t{capabilities}\n", _output.Output, StringComparison.Ordinal);
        Assert.Contains($"CapBnd:\t{capabilities}\n", _output.Output, StringComparison.Ordinal);
        Assert.Contains("CapAmb:\t0000000000000000\n", _output.Output, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2\n", _output.Output, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t0\n", _output.Output, StringComparison.Ordinal);
        // 0, 1, 2 and the one ls reads the folder with.
        Assert.Contains("\n4\n", _output.Output, StringComparison.Ordinal);
        Assert.Contains("mount: ", _output.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("STRATA_EXE", _output.Output, StringComparison.Ordinal);
        Assert.Contains("\nHOME=/root\n", _output.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_has_all_its_groups_the_primary_one_too_and_no_capability()
    {
        var step = Step(Shell("id; grep CapEff /proc/self/status"));
        Assert.Equal(0, await Run(step with { Container = step.Container with { User = new UserIdentity(1000, 100, [100, 27, 44], "/home") } }));
        Assert.Equal("uid=1000 gid=100 groups=27,44,100\nCapEff:\t0000000000000000\n", _output.Output);
    }

    [Theory]
    [InlineData("/proc/self/fd/7")]
    [InlineData("/leak")]
    [InlineData("/tmp/../proc/1/cwd")]
    public async Task A_working_directory_inside_proc_is_refused(string directory)
    {
        File.CreateSymbolicLink(Path.Combine(Machine.Image, "leak"), "/proc/self/fd/7");
        var step = Step(Shell("pwd"));
        var refused = await Assert.ThrowsAsync<OciRuntimeException>(() => Run(step with { Container = step.Container with { WorkingDirectory = directory } }));
        Assert.Contains("nothing may start inside /proc", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_working_directory_is_made_inside_and_stays()
    {
        var step = Step(Shell("pwd"));
        Assert.Equal(0, await Run(step with { Container = step.Container with { WorkingDirectory = "/srv/app/" } }));
        Assert.Equal("/srv/app\n", _output.Output);
        Assert.Equal(["srv", "srv/app"], Tree(step.Upper));
    }

    [Fact]
    public async Task Without_a_network_there_is_only_the_loopback_device()
    {
        var step = Step(Shell("ls /sys/class/net; ip addr show lo | grep -c 127.0.0.1; hostname"));
        Assert.Equal(0, await Run(step with { Container = step.Container with { Network = NetworkMode.None } }));
        Assert.Equal("lo\n1\nstep\n", _output.Output);
    }

    [Fact]
    public async Task Every_kind_of_mount_is_seen_inside()
    {
        var source = Machine.NewFolder("source");
        Directory.CreateDirectory(Path.Combine(source, "sub"));
        File.WriteAllText(Path.Combine(source, "sub/file"), "bound\n");
        File.CreateSymbolicLink(Path.Combine(source, "out"), "/../../../../../../sub");
        var second = Machine.NewFolder("second");
        File.WriteAllText(Path.Combine(second, "layered"), "layered\n");
        var step = Step(Shell("cat /a/file /b/file /c/layered /c/bin/../layered /run/secrets/key; stat -c %a:%u /run/secrets/key; echo x > /cache/file; echo x > /c/x && echo thrown; echo y > /d/y; touch /a/no || echo read-only; stat -c %a /scratch"));
        var cache = Machine.NewFolder("cache");
        step = step with
        {
            Container = step.Container with
            {
                Mounts =
                [
                    new BindMount { Target = "/a", Source = Path.Combine(source, "sub"), ReadOnly = true },
                    new BindMount { Target = "/b", Source = source, SubPath = "out", ReadOnly = true },
                    new LayersMount { Target = "/c", Snapshots = [Machine.Image, second], Writable = true },
                    new BindMount { Target = "/cache", Source = cache },
                    new ContentMount { Target = "/run/secrets/key", Content = "secret\n"u8.ToArray(), Mode = 0x100, UserId = 5 },
                    new TmpfsMount { Target = "/scratch", Size = 1 << 20, Mode = 0x1C0 },
                    new LayersMount { Target = "/d", Snapshots = [second], SubPath = "", Writable = true },
                ],
            },
        };
        Assert.Equal(0, await Run(step));
        Assert.Equal("bound\nbound\nlayered\nlayered\nsecret\n400:5\nthrown\nread-only\n700\n", _output.Output);
        Assert.True(File.Exists(Path.Combine(cache, "file")));
        Assert.Equal(["layered"], Tree(second));
        Assert.Empty(Tree(step.Upper));
    }

    [Fact]
    public async Task Cancelling_kills_all_of_a_step_at_once()
    {
        var step = Step(Shell($"echo started; sleep {Machine.Unique} & sleep {Machine.Unique}"));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Runner.RunAsync(step, _output, cancel.Token);
        await _output.FirstByte;
        var watch = Stopwatch.StartNew();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(watch.ElapsedMilliseconds < 5000, $"{watch.ElapsedMilliseconds} ms");
        await Machine.Eventually(() => Machine.ProcessesWith("sleep\0" + Machine.Unique).Count == 0, "the sleeps end");
        Assert.Empty(Machine.MountsLeft);
        Assert.Empty(Directory.EnumerateFileSystemEntries(step.MountPoint));
    }

    [Fact]
    public async Task A_listener_that_fails_ends_the_step_and_says_why()
    {
        var step = Step(Shell("yes"));
        var failure = await Assert.ThrowsAsync<IOException>(() => Runner.RunAsync(step, new FullDisk(), TestContext.Current.CancellationToken));
        Assert.Equal("no space", failure.Message);
    }

    [Fact]
    public async Task A_kill_of_the_steps_watcher_leaves_no_process()
    {
        var step = Step(Shell($"echo started; exec /bin/sleep {Machine.Unique}"));
        var running = Runner.RunAsync(step, _output, TestContext.Current.CancellationToken);
        await _output.FirstByte;
        await Machine.Eventually(() => Machine.ProcessesWith("/bin/sleep\0" + Machine.Unique).Count == 1, "the sleep runs");
        var watcher = Assert.Single(Machine.ProcessesWith("/bin/sleep\0" + Machine.Unique));
        while (ParentOf(watcher) is var parent && parent != Environment.ProcessId)
        {
            watcher = parent;
        }

        using (var process = PidHandle.Open(watcher))
        {
            process!.Signal(SignalNumber.SIGKILL);
        }

        var lost = await Assert.ThrowsAsync<OciRuntimeException>(() => running);
        Assert.Contains("killed by signal 9", lost.Message, StringComparison.Ordinal);
        await Machine.Eventually(() => Machine.ProcessesWith("sleep\0" + Machine.Unique).Count == 0, "the sleep ends");
    }

    [Fact]
    public async Task Ten_steps_at_once_each_get_their_own()
    {
        var steps = Enumerable.Range(0, 10).Select(async number =>
        {
            var output = new CollectedOutput();
            var code = await Runner.RunAsync(Step(Shell($"seq 1 2000; exit {number}")), output, TestContext.Current.CancellationToken);
            return (code, output.Output);
        });
        var results = await Task.WhenAll(steps);
        Assert.Equal(Enumerable.Range(0, 10), results.Select(result => result.code));
        Assert.All(results, result => Assert.Equal(string.Concat(Enumerable.Range(1, 2000).Select(n => $"{n}\n")), result.Output));
    }

    [Fact]
    public async Task An_insecure_step_has_every_capability_this_process_has()
    {
        var step = Step(Shell("mount -t tmpfs none /tmp && grep CapEff /proc/self/status"));
        Assert.Equal(0, await Run(step with { Container = step.Container with { Security = SecurityMode.Insecure } }));
        var own = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("CapEff", StringComparison.Ordinal));
        Assert.Equal(own + "\n", _output.Output);
    }

    private static int ParentOf(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("PPid:", StringComparison.Ordinal));
        return int.Parse(line["PPid:".Length..]);
    }

    private sealed class FullDisk : IStepOutput
    {
        public void Write(OutputStream stream, ReadOnlySpan<byte> bytes) => throw new IOException("no space");
    }
}
