using System.Net;
using Microsoft.Extensions.Logging;
using Strata.Registry;

namespace Strata.Host.Serving;

/// <summary>A registry that is being served by this process.</summary>
public sealed class ServeRegistry : IAsyncDisposable
{
    private static readonly TimeSpan TimeToFinish = TimeSpan.FromSeconds(10);
    private readonly RegistryServer _server;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;

    private ServeRegistry(RegistryServer server, ILoggerFactory loggers, TimeProvider time, string dataDirectory)
    {
        (_server, _loggers, _time) = (server, loggers, time);
        DataDirectory = dataDirectory;
    }

    public string DataDirectory { get; }

    /// <summary>Where it listens, with the ports it was given.</summary>
    public IReadOnlyList<Uri> Addresses => _server.Addresses;

    /// <param name="log">Takes what the server has to say; written to by one thread at a time.</param>
    public static async Task<ServeRegistry> StartAsync(ServeRequest request, HostEnvironment environment, TextWriter log, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(request.DataDirectory, environment.WorkingDirectory);
        var options = new RegistryOptions
        {
            DataDirectory = folder,
            Listen = [.. request.Listen.Select(Endpoint)],
            Tls = Tls(request, environment),
            ReadOnly = request.ReadOnly,
            HtpasswdPath = request.HtpasswdPath is { } path ? Path.GetFullPath(path, environment.WorkingDirectory) : null,
            AnonymousPull = request.AnonymousPull,
        };
        // Why it can't start is the error that is thrown; the host's own line would say it twice.
        var loggers = LoggerFactory.Create(builder => builder
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddProvider(new LineLoggerProvider(log, environment.Time)));
        try
        {
            return new ServeRegistry(await RegistryServer.StartAsync(options, loggers, environment.Time, cancellationToken), loggers, environment.Time, folder);
        }
        catch (RegistryStartException e)
        {
            loggers.Dispose();
            throw new StrataException(e.Message, inner: e);
        }
    }

    /// <summary>Returns when asked to stop; requests under way are given time to end.</summary>
    public async Task UntilStoppedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(TimeToFinish, _time);
            await _server.StopAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _loggers.Dispose();
    }

    private static IPEndPoint Endpoint(string text)
    {
        var completed = text.StartsWith(':') ? "0.0.0.0" + text : text.StartsWith("localhost:", StringComparison.Ordinal) ? "127.0.0.1" + text["localhost".Length..] : text;
        // An address without a port would be taken for one with port 0.
        var hasPort = completed.StartsWith('[') ? completed.Contains("]:", StringComparison.Ordinal) : completed.Count(c => c == ':') == 1;
        return hasPort && IPEndPoint.TryParse(completed, out var endpoint)
            ? endpoint
            : throw new StrataException($"'{text}' is no address to listen on", "--listen takes ADDRESS:PORT, such as 127.0.0.1:5000, or :5000 for every address");
    }

    private static TlsFiles? Tls(ServeRequest request, HostEnvironment environment) => (request.CertificatePath, request.KeyPath) switch
    {
        (null, null) => null,
        ({ } certificate, { } key) => new TlsFiles(Path.GetFullPath(certificate, environment.WorkingDirectory), Path.GetFullPath(key, environment.WorkingDirectory)),
        _ => throw new StrataException("a certificate needs its key, and a key its certificate", "give both --tls-cert and --tls-key"),
    };
}
