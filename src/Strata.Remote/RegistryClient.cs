using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Remote.Transport;

namespace Strata.Remote;

/// <summary>
/// The client of registries (distribution-spec). One for a whole process: it keeps connections and tokens. The handler, which it
/// does not own, must not follow redirects by itself; <see cref="CreateHandler"/> makes one.
/// </summary>
public sealed class RegistryClient : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly RegistryClientOptions _options;
    private readonly Authenticator _authenticator;
    private readonly RegistryTransport _transport;
    private readonly ConcurrentDictionary<string, RegistryEndpoint> _endpoints = new();

    public RegistryClient(HttpMessageHandler handler, RegistryClientOptions options)
    {
        _http = new HttpMessageInvoker(handler, disposeHandler: false);
        _options = options;
        _authenticator = new Authenticator(_http, options);
        _transport = new RegistryTransport(_http, _authenticator, options);
    }

    /// <summary>A handler for <see cref="RegistryClient"/>: proxies as the environment says, certificates of insecure hosts unchecked.</summary>
    public static SocketsHttpHandler CreateHandler(IReadOnlySet<string> insecureHosts)
    {
        var hosts = insecureHosts.Select(host => RegistryEndpoint.BaseOf(host, Uri.UriSchemeHttps).IdnHost).ToHashSet();
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = new LoopbackDirectProxy(HttpClient.DefaultProxy),
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 64,
        };
        if (hosts.Count > 0)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (sender, _, _, errors) =>
                errors == SslPolicyErrors.None || (sender is SslStream stream && hosts.Contains(stream.TargetHostName));
        }
        return handler;
    }

    public RemoteRepository Repository(Reference reference) => Repository(reference.Registry, reference.Repository);

    public RemoteRepository Repository(string registry, RepositoryName name) => new(new RepositoryAccess(this, registry, name));

    /// <summary>Sees that the registry is one, and that it takes the credentials, if there are any.</summary>
    public async Task PingAsync(string registry, CancellationToken cancellationToken)
    {
        var endpoint = await ResolveAsync(registry, cancellationToken);
        using var response = await _transport.SendAsync(
            new RegistryRequest { Method = HttpMethod.Get, Url = new Uri(endpoint.Base, "v2/"), Registry = endpoint, Scope = AccessScope.None }, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            throw new RegistryException($"What answers at {registry} is no registry: it has nothing at {endpoint.Base}v2/.") { Status = response.StatusCode };
        }
    }

    public void Dispose()
    {
        _authenticator.Dispose();
        _http.Dispose();
    }

    internal RegistryTransport Transport => _transport;

    internal RegistryClientOptions Options => _options;

    /// <summary>
    /// HTTPS, except where a loopback or insecure host does not speak it: those are asked once, and the answer is kept.
    /// </summary>
    internal async ValueTask<RegistryEndpoint> ResolveAsync(string registry, CancellationToken cancellationToken)
    {
        if (_endpoints.TryGetValue(registry, out var known))
        {
            return known;
        }
        var secure = new RegistryEndpoint(registry, RegistryEndpoint.BaseOf(registry, Uri.UriSchemeHttps));
        var mayBePlain = _options.InsecureHosts.Contains(registry) || RegistryEndpoint.IsLoopback(registry);
        var endpoint = mayBePlain && !await SpeaksTlsAsync(secure, cancellationToken)
            ? new RegistryEndpoint(registry, RegistryEndpoint.BaseOf(registry, Uri.UriSchemeHttp))
            : secure;
        return _endpoints.GetOrAdd(registry, endpoint);
    }

    private async Task<bool> SpeaksTlsAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Base, "v2/"));
        using var idle = new IdleWatch(_options.IdleTimeout, _options.Time, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, idle.Token);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
