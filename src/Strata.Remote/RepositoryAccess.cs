using System.Net;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Remote.Configuration;
using Strata.Remote.Retrying;
using Strata.Remote.Transport;

namespace Strata.Remote;

/// <summary>The requests of one repository: their URLs below <c>/v2/name/</c>, sent with the scope they need.</summary>
internal sealed class RepositoryAccess(RegistryClient client, RegistryRoute route, Reach reach)
{
    private const int PieceSize = 64 * 1024;

    public string Registry => route.Registry;

    public RepositoryName Name => route.Repository;

    public Reach Reach => reach;

    public RegistryClientOptions Options => client.Options;

    public IdleWatch Watch(CancellationToken cancellationToken) => new(client.Options.IdleTimeout, client.Options.Time, cancellationToken);

    public RetryBudget Retries(string what) => new(route.Registry, what, reach.Retries, client.Options);

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, AccessScope scope, CancellationToken cancellationToken, Action<HttpRequestMessage>? prepare = null, bool isRepeatable = true) =>
        SendAsync(method, path, scope, new Sending { Prepare = prepare, IsRepeatable = isRepeatable }, cancellationToken);

    /// <summary><paramref name="path"/> is below <c>/v2/name/</c>, or, with a slash at its beginning, below the registry.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, AccessScope scope, Sending sending, CancellationToken cancellationToken)
    {
        var endpoint = await EndpointAsync(cancellationToken);
        var url = path.StartsWith('/') ? new Uri(endpoint.Base, path) : new Uri(endpoint.Base, $"v2/{Name}/{path}");
        return await SendToAsync(method, url, scope, sending, cancellationToken);
    }

    /// <summary>Sends to a place that the registry named.</summary>
    public async Task<HttpResponseMessage> SendToAsync(HttpMethod method, Uri url, AccessScope scope, Sending sending, CancellationToken cancellationToken) =>
        await client.Transport.SendAsync(
            new RegistryRequest
            {
                Method = method,
                Url = url,
                Registry = await EndpointAsync(cancellationToken),
                Repository = Name,
                Scope = scope,
                Prepare = sending.Prepare,
                IsRepeatable = sending.IsRepeatable,
                Retries = sending.Retries ?? Retries(RegistryRequest.Describe(method, url)),
            },
            cancellationToken);

    /// <summary>Sends a body that can be read once only; what goes wrong on the way is thrown as it is.</summary>
    public async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri url, AccessScope scope, HttpContent content, CancellationToken cancellationToken) =>
        await client.Transport.SendAsync(
            new RegistryRequest
            {
                Method = method,
                Url = url,
                Registry = await EndpointAsync(cancellationToken),
                Repository = Name,
                Scope = scope,
                Prepare = request => request.Content = content,
                Retries = null,
            },
            cancellationToken);

    /// <summary>Gets something that is not the registry's, with nothing of what is known about it.</summary>
    public Task<HttpResponseMessage> GetElsewhereAsync(Uri url, Sending sending, CancellationToken cancellationToken) => client.Transport.SendAsync(
        new RegistryRequest
        {
            Method = HttpMethod.Get,
            Url = url,
            Registry = new RegistryEndpoint("", new Uri(url.GetLeftPart(UriPartial.Authority) + "/")),
            Scope = AccessScope.None,
            IsAnonymous = true,
            Prepare = sending.Prepare,
            Retries = sending.Retries,
        },
        cancellationToken);

    /// <summary>A small document whole, asked for again when its body breaks off; null when the registry has none.</summary>
    public async Task<FetchedDocument?> FetchAsync(string path, int limit, string what, CancellationToken cancellationToken, Action<HttpRequestMessage>? prepare = null)
    {
        var retries = Retries(what);
        while (true)
        {
            using var response = await SendAsync(HttpMethod.Get, path, AccessScope.Pull(Name), new Sending { Prepare = prepare, Retries = retries }, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
            using var idle = Watch(cancellationToken);
            Fault fault;
            Exception cause;
            try
            {
                return new FetchedDocument(await ReadAsync(response, limit, what, idle), response);
            }
            catch (Exception e) when (e is IOException and not ContentTooLargeException or HttpRequestException)
            {
                (fault, cause) = (Fault.Cut("the answer broke off"), e);
            }
            catch (OperationCanceledException e) when (idle.HasExpired && !cancellationToken.IsCancellationRequested)
            {
                (fault, cause) = (Fault.Silent(Options.IdleTimeout), e);
            }
            if (!await retries.WaitAsync(fault, cancellationToken))
            {
                throw new RegistryException($"{what} did not arrive whole from {Registry}, tried {retries.Failures} times: {fault.Reason}.", cause);
            }
        }
    }

    private ValueTask<RegistryEndpoint> EndpointAsync(CancellationToken cancellationToken) =>
        client.ResolveAsync(route.Registry, route.IsInsecure || reach.IsInsecure, reach.Retries, cancellationToken);

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, int limit, string what, IdleWatch idle)
    {
        if (response.Content.Headers.ContentLength > limit)
        {
            throw new ContentTooLargeException(what, limit);
        }
        using var body = await response.Content.ReadAsStreamAsync(idle.Token);
        using var bounded = new BoundedStream(body, limit, what);
        using var whole = new MemoryStream();
        var piece = new byte[PieceSize];
        while (await bounded.ReadAsync(piece, idle.Token) is var read and > 0)
        {
            whole.Write(piece, 0, read);
            idle.Touch();
        }
        return whole.ToArray();
    }

    /// <summary>What a request carries besides method, place and scope.</summary>
    public sealed record Sending
    {
        public Action<HttpRequestMessage>? Prepare { get; init; }

        public bool IsRepeatable { get; init; } = true;

        /// <summary>Null: of its own.</summary>
        public RetryBudget? Retries { get; init; }
    }
}
