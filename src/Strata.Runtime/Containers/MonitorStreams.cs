using System.Text;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;

namespace Strata.Runtime.Containers;

/// <summary>
/// Between the container's streams, the log and, in the foreground, the starter's streams. With a terminal the pipes
/// carry only what the runtime has to say.
/// </summary>
internal sealed class MonitorStreams : IDisposable
{
    private const int ThreadStack = 256 * 1024;
    private const int MostOfAReason = 2048;

    private readonly MonitorRequest _request;
    private readonly LogWriter _log;
    private readonly List<Thread> _pumps = [];
    private readonly (SafeFileHandle Read, SafeFileHandle Write) _output = Pipes.Create();
    private readonly (SafeFileHandle Read, SafeFileHandle Write) _error = Pipes.Create();
    private readonly StringBuilder _reason = new();
    private readonly DescriptorListener? _listener;
    private SafeFileHandle? _terminal;
    private TerminalSize? _size;
    private volatile bool _started;

    internal MonitorStreams(MonitorRequest request, LogWriter log, DescriptorListener? listener)
    {
        _request = request;
        _log = log;
        _listener = listener;
        _size = request.Bundle.Container.TerminalSize;
    }

    /// <summary>What the runtime's process gets.</summary>
    internal IReadOnlyList<(SafeFileHandle Handle, int ChildFd)> Descriptors =>
        _listener is null && _request is { Interactive: true, Attached: true }
            ? [(Borrow(0), 0), (_output.Write, 1), (_error.Write, 2)]
            : [(_output.Write, 1), (_error.Write, 2)];

    /// <summary>When the runtime has been started.</summary>
    internal void PumpPipes()
    {
        _output.Write.Dispose();
        _error.Write.Dispose();
        Pump(_output.Read, OutputStream.Output);
        Pump(_error.Read, OutputStream.Error);
    }

    /// <summary>When the runtime has started the program.</summary>
    internal void PumpTerminal()
    {
        _started = true;
        if (_listener?.Receive() is not { } terminal)
        {
            return;
        }

        _terminal = terminal;
        if (_size is { } size)
        {
            Terminal.SetSize(terminal, size.Columns, size.Rows);
        }

        Pump(terminal, OutputStream.Output);
        if (_request is { Interactive: true, Attached: true })
        {
            Start(() => CopyKeys(terminal));
        }
    }

    /// <summary>From the thread that listens to the control pipe.</summary>
    internal void Resize(TerminalSize size)
    {
        _size = size;
        try
        {
            if (_terminal is { } terminal)
            {
                Terminal.SetSize(terminal, size.Columns, size.Rows);
            }
        }
        catch (Exception gone) when (gone is LinuxException or ObjectDisposedException)
        {
            // The container has ended.
        }
    }

    /// <summary>
    /// Waits for the end of whoever started the container. A killed one leaves its terminal and pipes to others: the container
    /// goes on, and neither writes to them nor reads from them any more.
    /// </summary>
    internal void LetGoWithoutStarter()
    {
        _ = new DescriptorStream(Borrow(ContainerLauncher.StarterFd)).ReadByte();
        StandardStreams.LetGo();
    }

    /// <summary>Waits until everything the container wrote has been passed on.</summary>
    internal void Drain() => _pumps.ForEach(pump => pump.Join());

    /// <summary>What the runtime said when it could not start the program; after <see cref="Drain"/>.</summary>
    internal string Reason => _reason.ToString().Trim();

    internal static Thread Start(ThreadStart work)
    {
        var thread = new Thread(work, ThreadStack) { IsBackground = true };
        thread.Start();
        return thread;
    }

    public void Dispose()
    {
        _terminal?.Dispose();
        _listener?.Dispose();
        foreach (var end in new[] { _output.Read, _output.Write, _error.Read, _error.Write })
        {
            end.Dispose();
        }
    }

    private void Pump(SafeFileHandle from, OutputStream name) => _pumps.Add(Start(() => Copy(from, name)));

    private void Copy(SafeFileHandle from, OutputStream name)
    {
        using var source = new DescriptorStream(from);
        var target = _request.Attached ? new DescriptorStream(Borrow(name == OutputStream.Output ? 1 : 2)) : null;
        var buffer = new byte[16 * 1024];
        while (source.Read(buffer) is > 0 and var length)
        {
            var bytes = buffer.AsSpan(0, length);
            if (name == OutputStream.Error && !_started && _reason.Length < MostOfAReason)
            {
                _reason.Append(Encoding.UTF8.GetString(bytes));
            }

            _log.Write(name, bytes);
            try
            {
                target?.Write(bytes);
            }
            catch (LinuxException gone) when (gone.Errno == Errno.EPIPE && from != _terminal)
            {
                // As without a container: the program gets SIGPIPE at its next write, because its pipe closes here.
                return;
            }
            catch (LinuxException)
            {
                target = null;
            }
        }
    }

    private static void CopyKeys(SafeFileHandle terminal)
    {
        var (starter, input) = (Borrow(ContainerLauncher.StarterFd), Borrow(0));
        var keys = new DescriptorStream(input);
        var inside = new DescriptorStream(terminal);
        var buffer = new byte[1024];
        try
        {
            // When the starter has gone, the next key is somebody else's.
            while (Readiness.WaitForFirst(starter, input) == 1 && keys.Read(buffer) is > 0 and var length)
            {
                inside.Write(buffer.AsSpan(0, length));
            }
        }
        catch (Exception gone) when (gone is LinuxException or ObjectDisposedException)
        {
            // The container or the keyboard is gone.
        }
    }

    private static SafeFileHandle Borrow(int descriptor) => new(descriptor, ownsHandle: false);
}
