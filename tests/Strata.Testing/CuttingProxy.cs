using System.Net;
using System.Net.Sockets;

namespace Strata.Testing;

/// <summary>
/// Passes connections on to a server and resets them after so many bytes, as bad networks do; each of <paramref name="cuts"/> once, the
/// first for the first connection over which that much passes.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly Queue<long> _cuts;
    private readonly LoopbackListener _listener;
    private int _made;

    public CuttingProxy(string target, IEnumerable<long> cuts)
    {
        (_target, _cuts) = (IPEndPoint.Parse(target), new Queue<long>(cuts));
        _listener = new LoopbackListener(ServeAsync);
    }

    public string Authority => _listener.Authority;

    /// <summary>How many connections were cut.</summary>
    public int Made => Volatile.Read(ref _made);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_target, stop);
                await Task.WhenAny(PassAsync(client, server, stop), PassAsync(server, client, stop));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // One side has gone.
            }
            // Zero seconds of lingering: a reset, and not an orderly end.
            client.LingerState = server.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task PassAsync(Socket from, Socket to, CancellationToken stop)
    {
        var piece = new byte[16 * 1024];
        var passed = 0L;
        try
        {
            while (await from.ReceiveAsync(piece, stop) is var read and > 0)
            {
                var left = Cut(passed, read);
                if (left < read)
                {
                    await to.SendAsync(piece.AsMemory(0, left), stop);
                    return;
                }
                await to.SendAsync(piece.AsMemory(0, read), stop);
                passed += read;
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has gone.
        }
    }

    private int Cut(long passed, int read)
    {
        lock (_cuts)
        {
            if (_cuts.TryPeek(out var cut) && passed + read > cut)
            {
                _cuts.Dequeue();
                _made++;
                return (int)Math.Max(0, cut - passed);
            }
            return read;
        }
    }
}
