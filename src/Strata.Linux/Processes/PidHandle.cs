using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Strata.Linux;

/// <summary>Any process, held so that its number cannot come to mean another one.</summary>
public sealed class PidHandle : IDisposable
{
    private readonly SafeFileHandle _process;

    private PidHandle(int processId, SafeFileHandle process)
    {
        ProcessId = processId;
        _process = process;
    }

    public int ProcessId { get; }

    public bool Exited => Readiness.IsReadable(_process);

    /// <summary>Null when there is no such process.</summary>
    public static PidHandle? Open(int pid)
    {
        var descriptor = (int)ProcessCalls.pidfd_open(ProcessCalls.SYS_pidfd_open, pid, 0);
        if (descriptor >= 0)
        {
            return new PidHandle(pid, new SafeFileHandle(descriptor, ownsHandle: true));
        }

        return Failure.Number is Errno.ESRCH or Errno.EINVAL ? null : throw Failure.Of($"pidfd_open {pid}");
    }

    /// <summary>
    /// When the process started, in clock ticks since boot (field 22 of /proc/pid/stat): with the number, it names a
    /// process across restarts of this program. Null when there is no such process.
    /// </summary>
    public static ulong? StartTime(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
        // The name, field 2, may hold anything, brackets too; after its last bracket field 3 begins.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && ulong.TryParse(fields[19], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
    }

    /// <summary>Does nothing when the process has ended.</summary>
    public void Signal(int signal) => Send(_process, signal, ProcessId);

    public Task WaitExitAsync(CancellationToken cancellationToken) => Readiness.ReadableAsync(_process, cancellationToken);

    public void Dispose() => _process.Dispose();

    internal static void Send(SafeFileHandle process, int signal, int processId)
    {
        if (ProcessCalls.pidfd_send_signal(ProcessCalls.SYS_pidfd_send_signal, process, signal, 0, 0) < 0 && Failure.Number != Errno.ESRCH)
        {
            throw Failure.Of($"signal {signal} to process {processId}");
        }
    }
}
