using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Strata.Testing;

/// <summary>
/// A proxy on loopback through which TLS goes (RFC 9110, section 9.3.6). Whatever name is asked for, one server is behind it, so that names
/// need not exist.
/// </summary>
public sealed class ConnectProxy : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly string? _wanted;
    private readonly LoopbackListener _listener;

    /// <param name="target">The server behind it.</param>
    /// <param name="login"><c>name:password</c>; null: everybody is let through.</param>
    public ConnectProxy(string target, string? login = null)
    {
        _target = IPEndPoint.Parse(target);
        _wanted = login is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(login));
        _listener = new LoopbackListener(ServeAsync);
    }

    public string Authority => _listener.Authority;

    /// <summary>The places that somebody was let through to.</summary>
    public ConcurrentQueue<string> Passed { get; } = new();

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        await using var connection = new NetworkStream(client, ownsSocket: true);
        try
        {
            // A client that has to say who it is does so on the same connection.
            while (await RawRequest.ReadAsync(connection, stop) is { Method: "CONNECT" } request)
            {
                if (_wanted is not null && request.Headers.GetValueOrDefault("Proxy-Authorization") != _wanted)
                {
                    await connection.WriteAsync(
                        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
                    continue;
                }
                Passed.Enqueue(request.Path);
                using var server = new TcpClient();
                await server.ConnectAsync(_target, stop);
                await connection.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), stop);
                await using var behind = server.GetStream();
                await Task.WhenAny(connection.CopyToAsync(behind, stop), behind.CopyToAsync(connection, stop));
                return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side has gone.
        }
    }
}
