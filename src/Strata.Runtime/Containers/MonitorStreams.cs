using Microsoft.Win32.SafeHandles;
using Strata.Linux;

namespace Strata.Runtime.Containers;

/// <summary>
/// Between the container's streams, the log and, in the foreground, the starter's streams. With a terminal the runtime
/// runs on an outer pseudo terminal of the monitor's and passes it on to the one it makes inside.
/// </summary>
internal sealed class MonitorStreams : IDisposable
{
    internal const int ThreadStack = 256 * 1024;

    private readonly MonitorRequest _request;
    private readonly LogWriter _log;
    private readonly List<Thread> _pumps = [];
    private readonly SafeFileHandle? _controller;
    private readonly string? _terminal;
    private readonly (SafeFileHandle Read, SafeFileHandle Write)? _output;
    private readonly (SafeFileHandle Read, SafeFileHandle Write)? _error;

    internal MonitorStreams(MonitorRequest request, LogWriter log)
    {
        _request = request;
        _log = log;
        if (request.Bundle.Container.Terminal)
        {
            (_controller, _terminal) = Terminal.OpenPty();
            if (request.Columns > 0)
                Terminal.SetSize(_controller, request.Columns, request.Rows);
        }
        else
        {
            _output = Pipes.Create();
            _error = Pipes.Create();
        }
    }

    internal ProcessStart Connect(ProcessStart runtime)
    {
        if (_terminal is not null)
            return runtime with { ControllingTerminal = _terminal };
        List<(SafeFileHandle, int)> descriptors = [(_output!.Value.Write, 1), (_error!.Value.Write, 2)];
        if (_request is { Interactive: true, Attached: true })
            descriptors.Add((Borrow(0), 0));
        return runtime with { Descriptors = descriptors };
    }

    /// <summary>After the runtime is started.</summary>
    internal void Pump()
    {
        if (_controller is { } controller)
        {
            _pumps.Add(Start(() => Copy(controller, OutputStream.Output)));
            if (_request is { Interactive: true, Attached: true })
                Start(() => CopyKeys(controller));
            return;
        }
        _output!.Value.Write.Dispose();
        _error!.Value.Write.Dispose();
        _pumps.Add(Start(() => Copy(_output.Value.Read, OutputStream.Output)));
        _pumps.Add(Start(() => Copy(_error.Value.Read, OutputStream.Error)));
    }

    internal void Resize(int columns, int rows)
    {
        try
        {
            if (_controller is not null)
                Terminal.SetSize(_controller, columns, rows);
        }
        catch (Exception gone) when (gone is LinuxException or ObjectDisposedException)
        {
            // The container has ended.
        }
    }

    /// <summary>Waits until everything the container wrote has been passed on.</summary>
    internal void Drain() => _pumps.ForEach(pump => pump.Join());

    public void Dispose()
    {
        _controller?.Dispose();
        foreach (var pipe in new[] { _output, _error })
        {
            pipe?.Read.Dispose();
            pipe?.Write.Dispose();
        }
    }

    private void Copy(SafeFileHandle from, OutputStream name)
    {
        using var source = new DescriptorStream(from);
        var target = _request.Attached ? new DescriptorStream(Borrow(name == OutputStream.Output ? 1 : 2)) : null;
        var buffer = new byte[16 * 1024];
        while (source.Read(buffer) is > 0 and var length)
        {
            var bytes = buffer.AsSpan(0, length);
            _log.Write(name, bytes);
            try
            {
                target?.Write(bytes);
            }
            catch (LinuxException gone) when (gone.Errno == Errno.EPIPE && _controller is null)
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

    private static void CopyKeys(SafeFileHandle controller)
    {
        var keys = new DescriptorStream(Borrow(0));
        var terminal = new DescriptorStream(controller);
        var buffer = new byte[1024];
        try
        {
            while (keys.Read(buffer) is > 0 and var length)
                terminal.Write(buffer.AsSpan(0, length));
        }
        catch (Exception gone) when (gone is LinuxException or ObjectDisposedException)
        {
            // The container or the keyboard is gone.
        }
    }

    private static Thread Start(ThreadStart work)
    {
        var thread = new Thread(work, ThreadStack) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static SafeFileHandle Borrow(int descriptor) => new(descriptor, ownsHandle: false);
}
