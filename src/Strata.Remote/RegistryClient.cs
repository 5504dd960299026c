using System.Collections.Concurrent;
using System.Net;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Remote.Certificates;
using Strata.Remote.Retrying;
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
    // A server that says nothing to a greeting does not speak TLS.
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string Registry, bool IsInsecure), RegistryEndpoint> _endpoints = new();

    // One asks, all others of the same registry wait for the answer; one that stays silent holds up no other.
    private readonly ConcurrentDictionary<(string Registry, bool IsInsecure), SemaphoreSlim> _gates = new();

    public RegistryClient(HttpMessageHandler handler, RegistryClientOptions options)
    {
        _http = new HttpMessageInvoker(handler, disposeHandler: false);
        _options = options;
        _authenticator = new Authenticator(_http, options);
        _transport = new RegistryTransport(_http, _authenticator, options);
    }

    /// <summary>A handler for <see cref="RegistryClient"/>, with proxies as <paramref name="variable"/>s name them and the certificates of these folders.</summary>
    public static HttpMessageHandler CreateHandler(Func<string, string?> variable, CertificateFolders certificates) =>
        new RegistryHandler(new EnvironmentProxy(variable), certificates);

    /// <summary>A repository to write to and to ask about, at the registry that its name says.</summary>
    public RemoteRepository Repository(Reference reference, Reach? reach = null) => Repository(reference.Registry, reference.Repository, reach);

    public RemoteRepository Repository(string registry, RepositoryName name, Reach? reach = null) =>
        new(new RepositoryAccess(this, _options.Rules.DirectRouteOf(registry, name), reach ?? Reach.Usual));

    /// <summary>A repository to read images from: at its mirrors, if the rules give it some, then at its own place.</summary>
    public IRepositorySource Source(Reference reference, Reach? reach = null)
    {
        var places = _options.Rules.RoutesOf(reference.Registry, reference.Repository)
            .Select(route => (new RemoteRepository(new RepositoryAccess(this, route, reach ?? Reach.Usual)), route.Use)).ToList();
        return places is [var (only, _)] ? only : new MirroredRepository(places, (reach ?? Reach.Usual).Retries);
    }

    /// <summary>Sees that the registry is one, and that it takes the credentials, if there are any.</summary>
    public async Task PingAsync(string registry, Reach reach, CancellationToken cancellationToken)
    {
        var endpoint = await ResolveAsync(registry, reach.IsInsecure || _options.Rules.IsInsecure(registry), reach.Retries, cancellationToken);
        var url = new Uri(endpoint.Base, "v2/");
        using var response = await _transport.SendAsync(
            new RegistryRequest
            {
                Method = HttpMethod.Get,
                Url = url,
                Registry = endpoint,
                Scope = AccessScope.None,
                Retries = new RetryBudget(registry, RegistryRequest.Describe(HttpMethod.Get, url), reach.Retries, _options),
            },
            cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            throw new RegistryException($"What answers at {registry} is no registry: it has nothing at {endpoint.Base}v2/.") { Status = response.StatusCode };
        }
    }

    public void Dispose()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Dispose();
        }
        _authenticator.Dispose();
        _http.Dispose();
    }

    internal RegistryTransport Transport => _transport;

    internal RegistryClientOptions Options => _options;

    /// <summary>HTTPS, except where a loopback or insecure host does not speak it: those are asked once, and the answer is kept.</summary>
    internal async ValueTask<RegistryEndpoint> ResolveAsync(
        string registry, bool isInsecure, IProgress<RetryNotice>? notices, CancellationToken cancellationToken)
    {
        if (_endpoints.TryGetValue((registry, isInsecure), out var known))
        {
            return known;
        }
        var gate = _gates.GetOrAdd((registry, isInsecure), static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            return _endpoints.TryGetValue((registry, isInsecure), out known)
                ? known
                : _endpoints[(registry, isInsecure)] = await AskAsync(registry, isInsecure, notices, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    private async ValueTask<RegistryEndpoint> AskAsync(
        string registry, bool isInsecure, IProgress<RetryNotice>? notices, CancellationToken cancellationToken)
    {
        var secure = new RegistryEndpoint(registry, RegistryEndpoint.BaseOf(registry, Uri.UriSchemeHttps)) { IsInsecure = isInsecure };
        var mayBePlain = isInsecure || RegistryEndpoint.IsLoopback(registry);
        return mayBePlain && !await SpeaksTlsAsync(secure, notices, cancellationToken)
            ? secure with { Base = RegistryEndpoint.BaseOf(registry, Uri.UriSchemeHttp) }
            : secure;
    }

    private async Task<bool> SpeaksTlsAsync(RegistryEndpoint endpoint, IProgress<RetryNotice>? notices, CancellationToken cancellationToken)
    {
        var url = new Uri(endpoint.Base, "v2/");
        var retries = new RetryBudget(endpoint.Name, RegistryRequest.Describe(HttpMethod.Get, url), notices, _options);
        while (true)
        {
            try
            {
                return await IsAnsweredInTlsAsync(endpoint, cancellationToken);
            }
            // A port where nobody listens says nothing of what is spoken there; without one, plain HTTP has another.
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError && endpoint.HasPort)
            {
                if (!await retries.WaitAsync(Fault.Of(e, url), cancellationToken))
                {
                    var request = new RegistryRequest { Method = HttpMethod.Get, Url = url, Registry = endpoint, Scope = AccessScope.None };
                    throw ConnectionFailure.Describe(request, e, retries.Failures);
                }
            }
        }
    }

    private async Task<bool> IsAnsweredInTlsAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var idle = new IdleWatch(_options.IdleTimeout < ProbePatience ? _options.IdleTimeout : ProbePatience, _options.Time, cancellationToken);
        try
        {
            // Whether the certificate is a good one is for the requests that follow; plain HTTP would hide that it is not.
            using var response = await _transport.ProbeAsync(endpoint with { IsInsecure = true }, idle.Token);
            return true;
        }
        catch (HttpRequestException e) when (e.HttpRequestError != HttpRequestError.ConnectionError || !endpoint.HasPort)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
