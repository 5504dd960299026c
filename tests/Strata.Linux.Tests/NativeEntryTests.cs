using System.Runtime.CompilerServices;

namespace Strata.Linux.Tests;

/// <summary>native/entry.c under a main of a few lines instead of the runtime.</summary>
public sealed class NativeEntryTests : IDisposable
{
    private const string Main = """
        #include <unistd.h>
        #include <sys/wait.h>
        #include <stdio.h>
        int main(int argc, char **argv)
        {
            if (argc < 4)
                return 99;
            pid_t child = fork();
            if (child == 0) {
                execv(argv[3], argv + 3);
                _exit(98);
            }
            int status;
            waitpid(child, &status, 0);
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Outside_the_published_executable_it_is_not_linked() => Assert.False(NativeEntry.IsLinked);

    [Fact]
    public void The_arguments_name_the_lifeline() =>
        Assert.Equal(["strata", "__contain", "5", "run", "x"], NativeEntry.ContainArguments("strata", 5, "run", "x"));

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("test $PPID = 1", 0)]
    [InlineData("set -- /proc/[0-9]*; exit $#", 2)]
    [InlineData("mount -t tmpfs none /mnt", 0)]
    public async Task A_contained_process_is_alone_and_its_status_comes_through(string script, int code)
    {
        var (read, write) = Pipes.Create();
        using var contained = Start(read, script, out var output);
        var text = TemporaryDirectory.ReadAll(output);
        Assert.Equal((code, ""), ((await contained.WaitAsync(Ct)).ShellCode, text));
        write.Dispose();
        Assert.DoesNotContain(Mounts.List(), m => m is { MountPoint: "/mnt", FileSystemType: "tmpfs" });
    }

    [Fact]
    public async Task When_the_lifeline_closes_nothing_is_left()
    {
        var (read, write) = Pipes.Create();
        using var contained = Start(read, "setsid sh -c 'sleep 1000' & echo up; sleep 1000", out var output);
        using var stream = new DescriptorStream(output);
        Assert.Equal('u', stream.ReadByte());
        write.Dispose();
        Assert.Equal(137, (await contained.WaitAsync(Ct)).ShellCode);
        // The output's other end was held by each process inside: its end is theirs.
        using var reader = new StreamReader(stream);
        Assert.Equal("p\n", await reader.ReadToEndAsync(Ct));
    }

    [Fact]
    public async Task When_the_watching_process_is_killed_nothing_is_left()
    {
        var (read, write) = Pipes.Create();
        using var contained = Start(read, "setsid sh -c 'sleep 1000' & echo up; sleep 1000", out var output);
        using var stream = new DescriptorStream(output);
        Assert.Equal('u', stream.ReadByte());
        contained.Signal(SignalNumber.SIGKILL);
        using var reader = new StreamReader(stream);
        Assert.Equal("p\n", await reader.ReadToEndAsync(Ct));
        await contained.WaitAsync(Ct);
        write.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("2")]
    [InlineData("77")]
    public async Task A_lifeline_that_is_none_is_refused(string lifeline)
    {
        var (status, output) = await Shell.Run(new ProcessStart { Path = Build(), Arguments = ["x", "__contain", lifeline] });
        Assert.Equal(NativeEntry.ContainFailed, status.Code);
        Assert.StartsWith("strata: __contain wants the number of an open lifeline", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_request_nothing_happens()
    {
        var (status, output) = await Shell.Run(new ProcessStart { Path = Build(), Arguments = ["x", "version"] });
        Assert.Equal((99, ""), (status.Code, output));
    }

    private ChildProcess Start(Microsoft.Win32.SafeHandles.SafeFileHandle lifeline, string script, out Microsoft.Win32.SafeHandles.SafeFileHandle output)
    {
        Privileged.Require();
        var (read, write) = Pipes.Create();
        var started = ChildProcess.Start(new ProcessStart
        {
            Path = Build(),
            Arguments = NativeEntry.ContainArguments("strata", 3, "/bin/sh", "-c", script),
            Descriptors = [(write, 1), (write, 2), (lifeline, 3)],
        });
        write.Dispose();
        lifeline.Dispose();
        output = read;
        return started;
    }

    private string Build([CallerFilePath] string here = "")
    {
        Assert.SkipUnless(File.Exists("/usr/bin/cc"), "needs a C compiler");
        var source = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../src/Strata.Linux/native/entry.c"));
        Assert.SkipUnless(File.Exists(source), "needs the source tree");
        _host.Write("main.c", Main);
        Shell.Succeed($"cc -std=gnu11 -O1 -Wall -Werror -DSTRATA_STATIC -static -o {_host["contained"]} {source} {_host["main.c"]}");
        return _host["contained"];
    }
}
