using Strata.Linux;

namespace Strata.Runtime.Containers;

/// <summary>Signals to a process that may not exist yet: they wait for it, and go nowhere once it has ended.</summary>
internal sealed class SignalGate
{
    private readonly Lock _lock = new();
    private readonly List<int> _waiting = [];
    private ChildProcess? _process;
    private bool _closed;

    internal void Send(int signal)
    {
        lock (_lock)
        {
            if (_process is not null)
            {
                _process.Signal(signal);
            }
            else if (!_closed)
            {
                _waiting.Add(signal);
            }
        }
    }

    internal void Open(ChildProcess process)
    {
        lock (_lock)
        {
            _process = process;
            _waiting.ForEach(process.Signal);
            _waiting.Clear();
        }
    }

    internal void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _process = null;
        }
    }
}
