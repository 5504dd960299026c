using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Strata.Testing;

/// <summary>A server on a free port of loopback that may answer anything at all: the answer is written to the connection byte by byte. One request a connection.</summary>
public sealed class RawHttpServer : IAsyncDisposable
{
    private readonly Func<RawRequest, Stream, CancellationToken, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly LoopbackListener _listener;

    /// <param name="answer">Writes the answer.</param>
    /// <param name="certificate">With it, TLS is spoken and nothing else.</param>
    public RawHttpServer(Func<RawRequest, Stream, CancellationToken, Task> answer, X509Certificate2? certificate = null)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener = new LoopbackListener(ServeAsync);
    }

    public string Authority => _listener.Authority;

    /// <summary><c>METHOD path</c> of all that was asked.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static Task AnswerAsync(Stream connection, string status, ReadOnlyMemory<byte> body, params ReadOnlySpan<string> headers)
    {
        var lines = new StringBuilder($"HTTP/1.1 {status}\r\nConnection: close\r\n");
        foreach (var header in headers)
        {
            lines.Append(header).Append("\r\n");
        }
        if (!headers.ToArray().Any(header => header.StartsWith("Content-Length", StringComparison.Ordinal) || header.StartsWith("Transfer-Encoding", StringComparison.Ordinal)))
        {
            lines.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }
        byte[] whole = [.. Encoding.ASCII.GetBytes(lines.Append("\r\n").ToString()), .. body.Span];
        return connection.WriteAsync(whole).AsTask();
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        await using var plain = new NetworkStream(client, ownsSocket: true);
        await using var secure = _certificate is null ? null : new SslStream(plain);
        try
        {
            if (secure is not null)
            {
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, stop);
            }
            Stream connection = secure is null ? plain : secure;
            // A greeting in TLS is no request: whoever sent it sees the connection close.
            if (await RawRequest.ReadAsync(connection, stop) is { } request)
            {
                Requests.Enqueue($"{request.Method} {request.Path}");
                await _answer(request, connection, stop);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or AuthenticationException)
        {
            // The client has had enough.
        }
    }
}

/// <summary>A request's line and headers.</summary>
public sealed record RawRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    private const int MaxHead = 32 * 1024;

    public static async Task<RawRequest?> ReadAsync(Stream connection, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < MaxHead && !EndsHead(head))
        {
            if (await connection.ReadAsync(one, cancellationToken) == 0 || (head.Count == 0 && !char.IsAsciiLetterUpper((char)one[0])))
            {
                return null;
            }
            head.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var parts = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.OrdinalIgnoreCase);
        return new RawRequest(parts[0], parts[1], headers);
    }

    private static bool EndsHead(List<byte> head) => head is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'];
}
