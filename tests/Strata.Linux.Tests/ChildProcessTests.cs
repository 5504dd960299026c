using Microsoft.Win32.SafeHandles;

namespace Strata.Linux.Tests;

public sealed class ChildProcessTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_exit_code_comes_back()
    {
        var (status, output) = await Shell.Run("echo out; echo err >&2; exit 7");
        Assert.Equal(new ExitStatus(7, 0), status);
        Assert.Equal((7, false), (status.ShellCode, status.IsSuccess));
        Assert.Equal("out\nerr\n", output);
    }

    [Fact]
    public async Task A_signal_comes_back_as_such()
    {
        var (status, _) = await Shell.Run("kill -TERM $$");
        Assert.Equal(new ExitStatus(0, SignalNumber.SIGTERM), status);
        Assert.Equal(143, status.ShellCode);
    }

    [Theory]
    [InlineData("/no/such/program", Errno.ENOENT)]
    [InlineData("/etc/passwd", Errno.EACCES)]
    public void A_program_that_cannot_be_executed_is_an_error_at_once(string path, int errno)
    {
        var failure = Assert.Throws<LinuxException>(() => ChildProcess.Start(new ProcessStart { Path = path, Arguments = [path] }));
        Assert.Equal(errno, failure.Errno);
        Assert.StartsWith($"start {path}: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        var (_, output) = await Shell.Run(new ProcessStart
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", "for a; do echo \"<$a>\"; done", "name", "", "a b", "$HOME '\"", "ü"],
        });
        Assert.Equal("<>\n<a b>\n<$HOME '\">\n<ü>\n", output);
    }

    [Fact]
    public async Task The_environment_is_the_given_one_or_this_process_s()
    {
        var (_, given) = await Shell.Run(new ProcessStart
        {
            Path = "/usr/bin/env",
            Arguments = ["env"],
            Environment = new Dictionary<string, string> { ["ONLY"] = "this one" },
        });
        Assert.Equal("ONLY=this one\n", given);
        var (_, none) = await Shell.Run(new ProcessStart
        {
            Path = "/usr/bin/env",
            Arguments = ["env"],
            Environment = new Dictionary<string, string>(),
        });
        Assert.Equal("", none);
        Environment.SetEnvironmentVariable("STRATA_LINUX_TEST", "inherited");
        Assert.Equal("inherited\n", (await Shell.Run("echo $STRATA_LINUX_TEST")).Output);
    }

    [Fact]
    public async Task The_working_directory_is_the_given_one()
    {
        Assert.Equal("/usr\n", (await Shell.Run(Shell.Script("pwd") with { WorkingDirectory = "/usr" })).Output);
    }

    [Fact]
    public async Task Signals_are_as_a_program_expects_them()
    {
        var (_, output) = await Shell.Run(new ProcessStart
        {
            Path = "/bin/grep",
            Arguments = ["grep", "-E", "SigBlk|SigIgn", "/proc/self/status"],
        });
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", output);
    }

    [Fact]
    public async Task Only_what_is_given_is_open()
    {
        // Inherited by a careless exec: no close-on-exec flag.
        using var leak = File.OpenHandle("/etc/passwd");
        Assert.True(FileCalls.fcntl(leak, 2, 0) >= 0);
        var (_, output) = await Shell.Run("readlink /proc/$$/fd/0; i=3; while [ $i -lt 300 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done; true");
        Assert.Equal("/dev/null\n", output);
    }

    [Fact]
    public async Task Descriptors_can_trade_places()
    {
        var (readA, writeA) = Pipes.Create();
        var (readB, writeB) = Pipes.Create();
        var (a, b) = ((int)writeA.DangerousGetHandle(), (int)writeB.DangerousGetHandle());
        using var child = ChildProcess.Start(new ProcessStart
        {
            Path = "/bin/bash",
            Arguments = ["bash", "-c", $"echo to-b >&{a}; echo to-a >&{b}"],
            Descriptors = [(writeA, b), (writeB, a)],
        });
        writeA.Dispose();
        writeB.Dispose();
        Assert.Equal("to-a\n", TemporaryDirectory.ReadAll(readA));
        Assert.Equal("to-b\n", TemporaryDirectory.ReadAll(readB));
        Assert.True((await child.WaitAsync(Ct)).IsSuccess);
    }

    [Fact]
    public async Task Descriptors_may_go_to_numbers_that_are_free_here()
    {
        var pipes = Enumerable.Range(0, 8).Select(_ => Pipes.Create()).ToList();
        // The numbers a careless duplicate of the sources would be given first, in the opposite order.
        int free;
        using (var next = HostFile.Duplicate(pipes[0].Write))
        {
            free = (int)next.DangerousGetHandle();
        }

        var targets = Enumerable.Range(free, 8).Reverse().ToList();
        var script = string.Join("; ", targets.Select((target, i) => $"echo {i} >&{target}"));
        using var child = ChildProcess.Start(new ProcessStart
        {
            Path = "/bin/bash",
            Arguments = ["bash", "-c", script],
            Descriptors = [.. pipes.Select((pipe, i) => (pipe.Write, targets[i]))],
        });
        pipes.ForEach(pipe => pipe.Write.Dispose());
        Assert.True((await child.WaitAsync(Ct)).IsSuccess);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal($"{i}\n", TemporaryDirectory.ReadAll(pipes[i].Read));
        }
    }

    [Fact]
    public async Task Two_hundred_at_once_each_end_with_their_own_code()
    {
        var children = Enumerable.Range(0, 200).Select(i => ChildProcess.Start(Shell.Script($"exit {i}"))).ToList();
        var statuses = await Task.WhenAll(children.Select(c => c.WaitAsync(Ct)));
        Assert.Equal(Enumerable.Range(0, 200), statuses.Select(s => s.Code));
        children.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task The_runtime_s_own_processes_and_these_do_not_steal_each_other_s_end()
    {
        var theirs = Enumerable.Range(0, 20).Select(async i =>
        {
            using var process = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"exit {i}"]);
            await process.WaitForExitAsync(Ct);
            return process.ExitCode;
        }).ToList();
        var ours = Enumerable.Range(0, 20).Select(async i => (await Shell.Run($"exit {i}")).Status.Code).ToList();
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(theirs));
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(ours));
    }

    [Fact]
    public async Task A_process_can_be_signalled_and_after_its_end_nothing_is()
    {
        using var child = ChildProcess.Start(Shell.Script("exec sleep 1000"));
        using var cancel = new CancellationTokenSource();
        var waiting = child.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        child.Signal(SignalNumber.SIGKILL);
        Assert.Equal(new ExitStatus(0, SignalNumber.SIGKILL), await child.WaitAsync(Ct));
        child.Signal(SignalNumber.SIGKILL);
        Assert.False(Directory.Exists($"/proc/{child.ProcessId}"));
    }

    [Fact]
    public async Task A_process_that_is_let_go_is_still_reaped()
    {
        var child = ChildProcess.Start(Shell.Script("exit 0"));
        using var handle = PidHandle.Open(child.ProcessId);
        child.Dispose();
        if (handle is not null)
        {
            await handle.WaitExitAsync(Ct);
        }

        await Until(() => !Directory.Exists($"/proc/{child.ProcessId}"));
    }

    [Fact]
    public async Task Sessions_and_groups_are_made()
    {
        const string Ids = "read -r pid c s parent group session rest < /proc/$$/stat; echo $((pid == group)) $((pid == session))";
        Assert.Equal("0 0\n", (await Shell.Run(Ids)).Output);
        Assert.Equal("1 1\n", (await Shell.Run(Shell.Script(Ids) with { NewSession = true })).Output);
        Assert.Equal("1 0\n", (await Shell.Run(Shell.Script(Ids) with { NewProcessGroup = true })).Output);
    }

    [Fact]
    public async Task An_orphan_comes_to_its_subreaper_and_is_waited_for()
    {
        Subreaper.Become();
        var (status, output) = await Shell.Run("sh -c 'exec >/dev/null 2>&1; exec sleep 0.2' & echo $!");
        Assert.True(status.IsSuccess);
        using var orphan = ChildProcess.Adopt(int.Parse(output, System.Globalization.CultureInfo.InvariantCulture));
        Assert.True((await orphan.WaitAsync(Ct)).IsSuccess);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            Ct.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
