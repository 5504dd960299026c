using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using Strata.Remote.Certificates;

namespace Strata.Remote.Transport;

/// <summary>
/// Connections to registries: through the proxy that the environment names, checked with what was put down for each of them, and
/// shared by all that are checked alike. Redirects are not followed and no cookies are kept.
/// </summary>
public sealed class RegistryHandler : HttpMessageHandler
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
    private const int MaxHeadersInKilobytes = 64;
    private const int StreamWindow = 1024 * 1024;
    private static readonly RegistryTrust Usual = new("", false, false) { Addresses = AddressRule.All };

    private readonly IWebProxy _proxy;
    private readonly CertificateFolders _folders;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly ReachedHosts _reached = new();
    private readonly ConcurrentDictionary<string, HostCertificates> _certificates = new();
    private readonly ConcurrentDictionary<RegistryTrust, Lazy<HttpMessageInvoker>> _connections = new();

    public RegistryHandler(IWebProxy proxy, CertificateFolders folders)
        : this(proxy, folders, Dns.GetHostAddressesAsync)
    {
    }

    /// <param name="proxy">Which proxy leads where.</param>
    /// <param name="folders">What is trusted.</param>
    /// <param name="resolve">What a name means.</param>
    internal RegistryHandler(IWebProxy proxy, CertificateFolders folders, Func<string, CancellationToken, Task<IPAddress[]>> resolve) =>
        (_proxy, _folders, _resolve) = (proxy, folders, resolve);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = RegistryTrust.Of(request) ?? Usual;
        var certificates = _certificates.GetOrAdd(asked.Registry, _folders.Read);
        var trust = certificates.IsEmpty && !asked.IsInsecure ? Usual with { Addresses = asked.Addresses } : asked;
        var connection = _connections.GetOrAdd(trust, key => new Lazy<HttpMessageInvoker>(() => Connect(key, certificates)));
        return connection.Value.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var connection in _connections.Values.Where(c => c.IsValueCreated))
            {
                connection.Value.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    private HttpMessageInvoker Connect(RegistryTrust trust, HostCertificates certificates)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = _proxy,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = MaxHeadersInKilobytes,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindow,
            ConnectCallback = new OutwardConnection(trust.Addresses, _resolve, _reached).ConnectAsync,
        };
        if (trust.IsOwnHost && certificates.Clients.Count > 0)
        {
            handler.SslOptions.ClientCertificates = certificates.Clients;
        }
        if (trust.IsInsecure)
        {
            // What --tls-verify=false and "insecure" in registries.conf ask for, for that host alone.
#pragma warning disable CA5359
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (certificates.Authorities.Count > 0)
        {
            handler.SslOptions.RemoteCertificateValidationCallback =
                (_, certificate, chain, errors) => errors == SslPolicyErrors.None || certificates.Vouch(certificate, chain, errors);
        }
        return new HttpMessageInvoker(handler, disposeHandler: true);
    }
}
