using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Remote.Transport;

namespace Strata.Remote;

/// <summary>The requests of one repository: their URLs below <c>/v2/name/</c>, sent with the scope they need.</summary>
internal sealed class RepositoryAccess(RegistryClient client, string registry, RepositoryName name)
{
    public string Registry => registry;

    public RepositoryName Name => name;

    public RegistryClientOptions Options => client.Options;

    public IdleWatch Watch(CancellationToken cancellationToken) => new(client.Options.IdleTimeout, client.Options.Time, cancellationToken);

    public Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken, Action<HttpRequestMessage>? prepare = null) =>
        SendAsync(HttpMethod.Get, path, AccessScope.Pull(name), cancellationToken, prepare);

    /// <summary><paramref name="path"/> is below <c>/v2/name/</c>, or, with a slash at its beginning, below the registry.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, AccessScope scope, CancellationToken cancellationToken, Action<HttpRequestMessage>? prepare = null, bool isRepeatable = true)
    {
        var endpoint = await client.ResolveAsync(registry, cancellationToken);
        var url = path.StartsWith('/') ? new Uri(endpoint.Base, path) : new Uri(endpoint.Base, $"v2/{name}/{path}");
        return await client.Transport.SendAsync(
            new RegistryRequest { Method = method, Url = url, Registry = endpoint, Scope = scope, Prepare = prepare, IsRepeatable = isRepeatable }, cancellationToken);
    }

    /// <summary>Sends to a place that the registry named, without repeating: the body can be read once only.</summary>
    public async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri url, AccessScope scope, HttpContent content, CancellationToken cancellationToken)
    {
        var endpoint = await client.ResolveAsync(registry, cancellationToken);
        return await client.Transport.SendAsync(
            new RegistryRequest
            {
                Method = method,
                Url = url,
                Registry = endpoint,
                Scope = scope,
                Prepare = request => request.Content = content,
                CanRepeat = false,
            },
            cancellationToken);
    }
}
