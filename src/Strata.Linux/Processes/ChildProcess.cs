using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>
/// A process that this one started and waits for by its pidfd, beside the runtime's own handling of SIGCHLD. Dispose
/// ends nothing: it only lets go.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    private const int WaiterStack = 256 * 1024;
    private readonly SafeFileHandle _process;
    private readonly TaskCompletionSource<ExitStatus> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(int processId, SafeFileHandle process)
    {
        ProcessId = processId;
        _process = process;
        // waitid blocks, so each child has a thread of its own; it ends with the child.
        new Thread(Wait, WaiterStack) { IsBackground = true, Name = $"waits for {processId}" }.Start();
    }

    public int ProcessId { get; }

    /// <summary>Returns when the program runs; throws <see cref="LinuxException"/> when it could not be executed (ENOENT, EACCES…).</summary>
    public static ChildProcess Start(ProcessStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        using var request = new SpawnRequest(start);
        return Adopt(request.Spawn(start));
    }

    /// <summary>
    /// For a child that something else started: one that was handed to this process because it is the init of its
    /// namespace or a subreaper (<see cref="Subreaper"/>). Nobody else may wait for it.
    /// </summary>
    public static ChildProcess Adopt(int processId)
    {
        // Until this process has waited for its child, the number cannot go to another.
        var descriptor = (int)ProcessCalls.pidfd_open(ProcessCalls.SYS_pidfd_open, processId, 0);
        if (descriptor < 0)
        {
            throw Failure.Of($"pidfd_open {processId}");
        }

        return new ChildProcess(processId, new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Cancelling stops the waiting, not the process.</summary>
    public Task<ExitStatus> WaitAsync(CancellationToken cancellationToken) => _ended.Task.WaitAsync(cancellationToken);

    /// <summary>Does nothing when the process has ended; never reaches another process of the same number.</summary>
    public void Signal(int signal)
    {
        if (!_ended.Task.IsCompleted)
        {
            PidHandle.Send(_process, signal, ProcessId);
        }
    }

    public void Dispose() => _process.Dispose();

    private void Wait()
    {
        ProcessCalls.SignalInfo information;
        try
        {
            while (ProcessCalls.waitid(ProcessCalls.P_PIDFD, _process, out information, ProcessCalls.WEXITED) < 0)
            {
                if (Failure.Number == Errno.EINTR)
                {
                    continue;
                }

                _ended.SetException(Failure.Of($"waitid {ProcessId}"));
                return;
            }
        }
        catch (ObjectDisposedException)
        {
            // Disposed before this thread came to run: nobody is waiting any more.
            _ended.SetCanceled();
            return;
        }
        // CLD_EXITED is 1; killed and dumped carry the signal.
        _ended.SetResult(information.Code == 1 ? new ExitStatus(information.Status, 0) : new ExitStatus(0, information.Status));
    }
}
