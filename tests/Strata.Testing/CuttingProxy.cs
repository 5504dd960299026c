using System.Net;
using System.Net.Sockets;

namespace Strata.Testing;

/// <summary>
/// Passes connections on to a server and resets them after so many bytes, as bad networks do; each of <paramref name="cuts"/> once, the
/// first for the first connection over which that much passes.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _target;
    private readonly Queue<long> _cuts;
    private readonly Task _accepting;
    private int _made;

    public CuttingProxy(string target, IEnumerable<long> cuts)
    {
        (_target, _cuts) = (IPEndPoint.Parse(target), new Queue<long>(cuts));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Authority => _listener.LocalEndpoint.ToString()!;

    /// <summary>How many connections were cut.</summary>
    public int Made => Volatile.Read(ref _made);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_target, _stop.Token);
                await Task.WhenAny(PassAsync(client, server), PassAsync(server, client));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // One side has gone.
            }
            // Zero seconds of lingering: a reset, and not an orderly end.
            client.LingerState = server.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var piece = new byte[16 * 1024];
        var passed = 0L;
        try
        {
            while (await from.ReceiveAsync(piece, _stop.Token) is var read and > 0)
            {
                var left = Cut(passed, read);
                if (left < read)
                {
                    await to.SendAsync(piece.AsMemory(0, left), _stop.Token);
                    return;
                }
                await to.SendAsync(piece.AsMemory(0, read), _stop.Token);
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
