using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Strata.Linux;
using Strata.Registry.Access;
using Strata.Registry.Http;
using Strata.Registry.Storage;
using Strata.Registry.Storage.Files;
using Strata.Registry.Storage.Sqlite;
using Strata.Registry.Uploads;

namespace Strata.Registry;

/// <summary>A registry that is being served (distribution-spec), from a folder and the database in it.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    /// <summary>Threads wait in fsync; with as few as the machine has cores, one disk's latency would be everybody's.</summary>
    private const int MinThreads = 32;
    private const int Http2Window = 1024 * 1024;
    private const string Database = "registry.db";

    private readonly WebApplication _application;
    private readonly Parts _parts;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _housekeeping;
    private bool _disposed;

    private RegistryServer(WebApplication application, Parts parts)
    {
        (_application, _parts) = (application, parts);
        Addresses = [.. application.Urls.Select(url => new Uri(url))];
        _housekeeping = parts.Housekeeping.RunAsync(_stopping.Token);
    }

    /// <summary>Where it listens, with the ports it was given.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    internal Housekeeping Housekeeping => _parts.Housekeeping;

    /// <exception cref="RegistryStartException">It can't be served as asked; the message says why and what to do.</exception>
    public static async Task<RegistryServer> StartAsync(RegistryOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, MinThreads), ports);
        var parts = await OpenAsync(options, loggers.CreateLogger("Strata.Registry"), time, cancellationToken);
        WebApplication? application = null;
        try
        {
            application = BuildApplication(options, loggers);
            application.Run(parts.Handler.HandleAsync);
            await application.StartAsync(cancellationToken);
            return new RegistryServer(application, parts);
        }
        catch (Exception e)
        {
            if (application is not null)
            {
                await application.DisposeAsync();
            }
            await parts.DisposeAsync();
            if (WhyNotListening(e) is { } reason)
            {
                throw new RegistryStartException($"{string.Join(", ", options.Listen)} {reason}.", e);
            }
            throw;
        }
    }

    /// <summary>Takes no new requests and lets those under way end, until <paramref name="cancellationToken"/> says that is enough.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _application.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        await _application.DisposeAsync();
        await _stopping.CancelAsync();
        await _housekeeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        await _parts.DisposeAsync();
    }

    private static async Task<Parts> OpenAsync(RegistryOptions options, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var authentication = LoadUsers(options, logger);
        FileLock? folder = null;
        SqliteRegistryMetadata? metadata = null;
        try
        {
            // Private: who may read an image is decided by the registry, not by the file system.
            RefuseForeignFolder(options.DataDirectory);
            Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            folder = FileLock.TryAcquire(Path.Join(options.DataDirectory, "lock"), exclusive: true)
                ?? throw new RegistryStartException($"{options.DataDirectory} is served by another process. Stop that, or use another folder.");
            metadata = await SqliteRegistryMetadata.OpenAsync(Path.Join(options.DataDirectory, Database), cancellationToken);
            var storage = new RegistryStorage(metadata, new FileBlobBytes(Path.Join(options.DataDirectory, "blobs")));
            var live = new LiveUploads();
            var uploads = new UploadService(storage, live, options.Limits, time);
            var endpoints = new RegistryEndpoints(
                new ManifestEndpoints(metadata, options.Limits, time),
                new BlobEndpoints(storage, options.Limits, time),
                new UploadEndpoints(uploads, storage, options.Limits, time),
                new ListEndpoints(metadata, options.Limits),
                new TagHistoryEndpoints(metadata, options.Limits, time));
            var handler = new RegistryHandler(endpoints, authentication, options.ReadOnly, logger);
            return new Parts(handler, new Housekeeping(storage, uploads, logger), [live, authentication, folder], storage);
        }
        catch (Exception e)
        {
            if (metadata is not null)
            {
                await metadata.DisposeAsync();
            }
            folder?.Dispose();
            authentication?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new RegistryStartException(
                    $"The registry's folder {options.DataDirectory} can't be used: {e.Message.TrimEnd('.')}. Mend that, or use another folder that this user may write.", e);
            }
            throw;
        }
    }

    /// <summary>A folder that holds something else is somebody's: nothing is put among it.</summary>
    private static void RefuseForeignFolder(string path)
    {
        if (!Directory.Exists(path) || File.Exists(Path.Join(path, Database)))
        {
            return;
        }
        // What a start that was killed leaves, and what a new file system comes with.
        var other = Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)).FirstOrDefault(name => name is not ("lock" or "blobs" or "lost+found"));
        if (other is not null)
        {
            throw new RegistryStartException($"{path} is no registry's folder: it holds {other}. Name an empty folder, or one that a registry was served from.");
        }
    }

    private static string? WhyNotListening(Exception e) => e switch
    {
        IOException { InnerException: AddressInUseException } => "is in use by another program. Stop that, or listen elsewhere",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported } =>
            "is not an address of this machine. Listen on one it has, or on 0.0.0.0 for all of them",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "may not be listened on by this user. Take a port from 1024 on",
        SocketException => $"can't be listened on: {e.Message.TrimEnd('.')}. Listen elsewhere",
        _ => null,
    };

    private static BasicAuthentication? LoadUsers(RegistryOptions options, ILogger logger)
    {
        if (options.HtpasswdPath is not { } path)
        {
            return null;
        }
        try
        {
            return new BasicAuthentication(HtpasswdFile.Load(path, logger), options.AnonymousPull);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new RegistryStartException($"The users can't be read: {e.Message}", e);
        }
    }

    // Empty: no configuration files, no environment variables, no console; the host's own signals are the caller's business.
    private static WebApplication BuildApplication(RegistryOptions options, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "strata" });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime>(new CallersLifetime());
        builder.WebHost.UseKestrelCore();
        var tls = options.Tls is { } files ? LoadTls(files) : null;
        if (tls is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            // A slow client is not a dead one: silence is what ends a transfer, see IdleWatch.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.InitialStreamWindowSize = Http2Window;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 2 * Http2Window;
            foreach (var endpoint in options.Listen)
            {
                kestrel.Listen(endpoint, listen =>
                {
                    if (tls is not null)
                    {
                        listen.UseHttps(tls);
                    }
                });
            }
        });
        return builder.Build();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The certificates live as long as the server that uses them.")]
    private static HttpsConnectionAdapterOptions LoadTls(TlsFiles files)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.CertificatePath);
            return new HttpsConnectionAdapterOptions
            {
                ServerCertificate = X509Certificate2.CreateFromPemFile(files.CertificatePath, files.KeyPath),
                ServerCertificateChain = chain,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new RegistryStartException($"The certificate {files.CertificatePath} with the key {files.KeyPath} can't be used: {e.Message}", e);
        }
    }

    private sealed record Parts(RegistryHandler Handler, Housekeeping Housekeeping, IReadOnlyList<IDisposable?> Owned, RegistryStorage Storage)
    {
        public async ValueTask DisposeAsync()
        {
            await Storage.DisposeAsync();
            foreach (var part in Owned)
            {
                part?.Dispose();
            }
        }
    }

    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
