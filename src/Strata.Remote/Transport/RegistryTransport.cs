using System.Net;
using System.Net.Http.Headers;
using Strata.Content.Streams;
using Strata.Remote.Authentication;
using Strata.Remote.Retrying;

namespace Strata.Remote.Transport;

/// <summary>
/// Sends requests: with authorization, along redirects, again where that may help. An answer that is neither a success nor
/// "not found" becomes a <see cref="RegistryException"/>.
/// </summary>
internal sealed class RegistryTransport(HttpMessageInvoker http, Authenticator authenticator, RegistryClientOptions options)
{
    private const int MaxRedirects = 5;
    private static readonly ProductInfoHeaderValue UserAgent = new("strata", typeof(RegistryTransport).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>The answer's headers have arrived, its body has not. The caller disposes it.</summary>
    public async Task<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        var retries = request.IsRepeatable ? request.Retries : null;
        while (true)
        {
            try
            {
                var response = await SendAuthorizedAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound)
                {
                    return response;
                }
                using (response)
                {
                    // Read before the wait: the connection does not live as long.
                    var refusal = await RefusedRequest.ReadAsync(request, response, options, cancellationToken);
                    if (retries is null || Fault.Of(response, options.Time.GetUtcNow()) is not { } fault || !await retries.WaitAsync(fault, cancellationToken))
                    {
                        throw refusal;
                    }
                }
            }
            catch (HttpRequestException e) when (retries is not null)
            {
                if (!await retries.WaitAsync(Fault.Of(e, request.Url), cancellationToken))
                {
                    throw ConnectionFailure.Describe(request, e, retries.Failures);
                }
            }
            catch (HttpRequestException e) when (request.Retries is not null)
            {
                throw ConnectionFailure.Describe(request, e, tries: 1);
            }
        }
    }

    /// <summary>One message of the registry's own, without authorization: to see what answers.</summary>
    public Task<HttpResponseMessage> ProbeAsync(RegistryEndpoint registry, CancellationToken cancellationToken)
    {
        var message = Message(HttpMethod.Get, new Uri(registry.Base, "v2/"));
        RegistryTrust.For(registry, message.RequestUri!).SetOn(message);
        return http.SendAsync(message, cancellationToken);
    }

    private static HttpRequestMessage Message(HttpMethod method, Uri url)
    {
        var message = new HttpRequestMessage(method, url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        message.Headers.UserAgent.Add(UserAgent);
        return message;
    }

    private async Task<HttpResponseMessage> SendAuthorizedAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        var authorization = authenticator.Known(request.Asking, request.Scope);
        var response = await SendAlongRedirectsAsync(request, authorization, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || request.Retries is null || request.IsAnonymous
            // Whoever else was led to would name a token server of its own, and be sent the credentials (CVE-2020-15157).
            || !request.Registry.IsOriginOf(response.RequestMessage!.RequestUri!))
        {
            return response;
        }
        var challenges = AuthChallenge.Parse(response.Headers.TryGetValues("WWW-Authenticate", out var values) ? values : []);
        var question = new AuthQuestion(request, challenges, authorization);
        var answer = await authenticator.AnswerAsync(question, cancellationToken);
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
            if (!Uri.TryCreate(url, location, out var next))
            {
                throw new RegistryException($"{request.Display} was redirected to '{location.OriginalString}', which is no place.");
            }
            if (redirects == MaxRedirects)
            {
                throw new RegistryException($"{request.Display} was redirected more than {MaxRedirects} times.");
            }
            if (next.Scheme != Uri.UriSchemeHttps && !(next.Scheme == Uri.UriSchemeHttp && url.Scheme == Uri.UriSchemeHttp))
            {
                throw new RegistryException($"{request.Display} was redirected from {url.Scheme} to {next.Scheme}://{next.Authority}, which is not followed.");
            }
            if (request.IsAnonymous && !RealmRules.IsAllowedForLayers(next))
            {
                throw new RegistryException($"{request.Display} was redirected to {next.Scheme}://{next.Authority}, which is not followed: nobody but this machine may reach it.");
            }
            url = next;
        }
    }

    private async Task<HttpResponseMessage> SendOneAsync(
        RegistryRequest request, Uri url, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        var message = Message(request.Method, url);
        message.Headers.Authorization = authorization;
        var trust = RegistryTrust.For(request.Registry, url);
        (request.IsAnonymous ? trust with { Addresses = AddressRule.OutsideAlone } : trust).SetOn(message);
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
            throw new AnswerTimeoutException(options.IdleTimeout);
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException late && !cancellationToken.IsCancellationRequested)
        {
            // How the framework says that its ConnectTimeout has passed.
            throw new HttpRequestException(HttpRequestError.ConnectionError, "it did not answer in time", late);
        }
    }
}
