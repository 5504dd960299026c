using System.Net;
using System.Net.Http.Headers;
using Strata.Remote.Authentication;

namespace Strata.Remote.Transport;

/// <summary>
/// Sends requests: with authorization, along redirects, again where that may help. An answer that is neither a success nor
/// "not found" becomes a <see cref="RegistryException"/>.
/// </summary>
internal sealed class RegistryTransport(HttpMessageInvoker http, Authenticator authenticator, RegistryClientOptions options)
{
    private const int MaxAttempts = 5;
    private const int MaxRedirects = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly ProductInfoHeaderValue UserAgent = new("strata", typeof(RegistryTransport).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>The answer's headers have arrived, its body has not. The caller disposes it.</summary>
    public async Task<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var mayRepeat = request is { CanRepeat: true, IsRepeatable: true } && attempt < MaxAttempts;
            HttpResponseMessage response;
            try
            {
                response = await SendAuthorizedAsync(request, cancellationToken);
            }
            catch (HttpRequestException e) when (mayRepeat && ConnectionFailure.IsPassing(e))
            {
                await PauseAsync(attempt, null, cancellationToken);
                continue;
            }
            catch (HttpRequestException e)
            {
                throw ConnectionFailure.Describe(request, e);
            }
            if (mayRepeat && IsPassing(response.StatusCode) && RetryAfter(response) is var wait && !(wait > LongestPause))
            {
                response.Dispose();
                await PauseAsync(attempt, wait, cancellationToken);
                continue;
            }
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound)
            {
                return response;
            }
            using (response)
            {
                throw await RefusedRequest.ReadAsync(request, response, cancellationToken);
            }
        }
    }

    private async Task<HttpResponseMessage> SendAuthorizedAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        var authorization = authenticator.Known(request.Registry, request.Scope);
        var response = await SendAlongRedirectsAsync(request, authorization, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !request.CanRepeat)
        {
            return response;
        }
        var challenges = AuthChallenge.Parse(response.Headers.TryGetValues("WWW-Authenticate", out var values) ? values : []);
        var answer = await authenticator.AnswerAsync(request.Registry, request.Scope, challenges, authorization, cancellationToken);
        if (answer is null)
        {
            return response;
        }
        response.Dispose();
        return await SendAlongRedirectsAsync(request, answer, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAlongRedirectsAsync(
        RegistryRequest request, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        var url = request.Url;
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendOneAsync(request, url, request.Registry.IsOriginOf(url) ? authorization : null, cancellationToken);
            if (!request.IsRead || (int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return response;
            }
            response.Dispose();
            var next = new Uri(url, location);
            if (redirects == MaxRedirects)
            {
                throw new RegistryException($"{request.Display} was redirected more than {MaxRedirects} times.");
            }
            if (next.Scheme != Uri.UriSchemeHttps && !(next.Scheme == Uri.UriSchemeHttp && url.Scheme == Uri.UriSchemeHttp))
            {
                throw new RegistryException($"{request.Display} was redirected from {url.Scheme} to {next.Scheme}://{next.Authority}, which is not followed.");
            }
            url = next;
        }
    }

    private async Task<HttpResponseMessage> SendOneAsync(
        RegistryRequest request, Uri url, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(request.Method, url);
        message.Headers.UserAgent.Add(UserAgent);
        message.Headers.Authorization = authorization;
        request.Prepare?.Invoke(message);
        if (message.Content is Transfers.UploadContent upload)
        {
            // An upload watches over itself while its bytes leave.
            return await http.SendAsync(message, upload.Watch.Token);
        }
        using var idle = new IdleWatch(options.IdleTimeout, options.Time, cancellationToken);
        try
        {
            return await http.SendAsync(message, idle.Token);
        }
        catch (OperationCanceledException) when (idle.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(HttpRequestError.Unknown, $"there was no answer for {options.IdleTimeout.TotalSeconds:0} seconds");
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - options.Time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private Task PauseAsync(int attempt, TimeSpan? asked, CancellationToken cancellationToken) =>
        Task.Delay(asked ?? FirstPause * (1 << (attempt - 1)), options.Time, cancellationToken);
}
