namespace Strata.Linux.Tests;

public sealed class PidHandleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_process_that_is_not_there_cannot_be_held()
    {
        Assert.Null(PidHandle.Open(int.MaxValue));
        Assert.Null(PidHandle.StartTime(int.MaxValue));
    }

    [Fact]
    public async Task The_end_of_any_process_is_noticed()
    {
        using var child = ChildProcess.Start(Shell.Script("exec sleep 1000"));
        using var handle = PidHandle.Open(child.ProcessId)!;
        Assert.False(handle.Exited);
        using (var cancel = new CancellationTokenSource())
        {
            var cancelled = handle.WaitExitAsync(cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        }
        var ended = handle.WaitExitAsync(Ct);
        Assert.False(ended.IsCompleted);
        handle.Signal(SignalNumber.SIGKILL);
        await ended;
        Assert.True(handle.Exited);
        await child.WaitAsync(Ct);
        handle.Signal(SignalNumber.SIGKILL);
    }

    [Fact]
    public async Task The_start_time_tells_processes_apart_whatever_their_name()
    {
        var mine = PidHandle.StartTime(Environment.ProcessId);
        Assert.NotNull(mine);
        using var host = new TemporaryDirectory();
        File.Copy("/bin/sleep", host["a) b (c"]);
        using var child = ChildProcess.Start(new ProcessStart { Path = host["a) b (c"], Arguments = ["x", "1000"] });
        Assert.True(PidHandle.StartTime(child.ProcessId) > mine);
        child.Signal(SignalNumber.SIGKILL);
        await child.WaitAsync(Ct);
        Assert.Null(PidHandle.StartTime(child.ProcessId));
    }
}
