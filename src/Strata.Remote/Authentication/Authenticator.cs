using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Strata.Content.Streams;
using Strata.Remote.Credentials;
using Strata.Remote.Retrying;
using Strata.Remote.Transport;

namespace Strata.Remote.Authentication;

/// <summary>
/// Answers the challenges of registries, with credentials or as anybody, and remembers the answers: tokens by realm, service and
/// scope, until shortly before they end. Credentials are sent to the registry they are for and to the token server it names, if
/// <see cref="RealmRules"/> allow that one.
/// </summary>
internal sealed class Authenticator(HttpMessageInvoker http, RegistryClientOptions options) : IDisposable
{
    private const string ClientId = "strata";
    private const int MaxTokenBody = 1024 * 1024;

    // A name and password are good for whatever the registry lets them.
    private const string AnyScope = "*";

    // A token that ends while a request is on its way is of no use.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(LoginName Asking, string Scope), (AuthenticationHeaderValue Header, DateTimeOffset Expires)> _answers = new();
    private readonly ConcurrentDictionary<(string Realm, LoginName Asking, string Service, string Scope), AccessToken> _tokens = new();

    // One at a time for each registry, so that a registry whose token server is slow delays no other.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new();

    /// <summary>What the registry accepted for this scope of this repository before.</summary>
    public AuthenticationHeaderValue? Known(LoginName asking, AccessScope scope) =>
        (_answers.TryGetValue((asking, scope.Text), out var answer) || _answers.TryGetValue((asking, AnyScope), out answer))
        && answer.Expires > options.Time.GetUtcNow() ? answer.Header : null;

    /// <summary>
    /// The header that should satisfy the challenges; null when there is none to give. Requests that are challenged at the same time
    /// share one answer.
    /// </summary>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(AuthQuestion question, CancellationToken cancellationToken)
    {
        var (asking, scope) = (question.Asking, question.Scope);
        var gate = _gates.GetOrAdd(asking.Registry, static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (Known(asking, scope) is { } newer && !newer.Equals(question.Refused))
            {
                return newer;
            }
            if (question.Challenges.FirstOrDefault(c => c.Scheme == AuthChallenge.Bearer && c["realm"] is not null) is { } bearer)
            {
                var token = await TokenAsync(question, bearer, cancellationToken);
                return Remember(asking, scope.Text, new AuthenticationHeaderValue("Bearer", token.Token.Reveal()), token.Expires - Margin);
            }
            if (question.Challenges.Any(c => c.Scheme == AuthChallenge.Basic)
                && await options.Credentials.FindAsync(asking, cancellationToken) is Credential.Basic basic
                && BasicHeader(basic) is var header && !header.Equals(question.Refused))
            {
                return Remember(asking, AnyScope, header, DateTimeOffset.MaxValue);
            }
            return null;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Dispose();
        }
    }

    private AuthenticationHeaderValue Remember(LoginName asking, string scope, AuthenticationHeaderValue header, DateTimeOffset expires)
    {
        _answers[(asking, scope)] = (header, expires);
        return header;
    }

    private async Task<AccessToken> TokenAsync(AuthQuestion question, AuthChallenge challenge, CancellationToken cancellationToken)
    {
        var registry = question.Registry;
        if (!Uri.TryCreate(challenge["realm"], UriKind.Absolute, out var realm) || !RealmRules.IsAllowed(realm, registry))
        {
            throw new RegistryException($"{registry.Name} sends its clients to the token server '{challenge["realm"]}', where no credentials go; only https is followed, and inner addresses only from inner registries.");
        }
        var service = challenge["service"] ?? "";
        var wanted = question.Scope.And(challenge["scope"]);
        var key = (realm.AbsoluteUri, question.Asking, service, wanted.Text);
        if (_tokens.TryGetValue(key, out var known) && known.Expires - Margin > options.Time.GetUtcNow() && known.Token.Reveal() != question.Refused?.Parameter)
        {
            return known;
        }
        var credential = await options.Credentials.FindAsync(question.Asking, cancellationToken);
        while (true)
        {
            using var request = credential is Credential.IdentityToken identity
                ? RefreshRequest(realm, service, wanted, identity)
                : TokenRequest(realm, service, wanted, credential as Credential.Basic);
            if (await AskAsync(question, request, credential is not null, cancellationToken) is { } token)
            {
                if (token.Refresh is { } refresh)
                {
                    options.KeepIdentityToken?.Invoke(new Credential.IdentityToken(refresh));
                }
                return _tokens[key] = token;
            }
        }
    }

    /// <summary>Null when the server may be asked again, now.</summary>
    private async Task<AccessToken?> AskAsync(AuthQuestion question, HttpRequestMessage request, bool hasCredential, CancellationToken cancellationToken)
    {
        var (registry, realm) = (question.Registry, request.RequestUri!);
        RegistryTrust.For(registry, realm).SetOn(request);
        // An answer is small: one limit for all of it, headers and body.
        using var idle = new IdleWatch(options.IdleTimeout, options.Time, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, idle.Token);
            if (Fault.Of(response, options.Time.GetUtcNow()) is { } busy && await question.Retries.WaitAsync(busy, cancellationToken))
            {
                return null;
            }
            return await ReadAsync(registry, realm, response, hasCredential, idle.Token);
        }
        catch (OperationCanceledException) when (idle.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            throw new RegistryException($"The token server {realm.Authority} of {registry.Name} gave no answer for {options.IdleTimeout.TotalSeconds:0} seconds; try again later.");
        }
        catch (HttpRequestException e)
        {
            return await question.Retries.WaitAsync(Fault.Of(e, realm), cancellationToken)
                ? null
                : throw new RegistryException($"The token server {realm.Authority} of {registry.Name} cannot be reached: {ConnectionFailure.Innermost(e)}.", e);
        }
    }

    private async Task<AccessToken> ReadAsync(RegistryEndpoint registry, Uri realm, HttpResponseMessage response, bool hasCredential, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new RegistryException($"The token server {realm.Authority} of {registry.Name} answered with {(int)response.StatusCode} {response.ReasonPhrase}.")
            {
                Status = response.StatusCode,
                Hint = response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest) ? null
                    : hasCredential ? $"the login was not accepted; renew it: strata login {registry.Name}"
                    : $"log in: strata login {registry.Name}",
            };
        }
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var raw = await BoundedStream.ReadAllAsync(body, MaxTokenBody, "The token server's answer", cancellationToken);
        return AccessToken.TryParse(raw, options.Time.GetUtcNow(), out var token)
            ? token
            : throw new RegistryException($"The token server {realm.Authority} of {registry.Name} gave an answer without a token.");
    }

    // token-auth token.md
    private HttpRequestMessage TokenRequest(Uri realm, string service, AccessScope scope, Credential.Basic? credential)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        Append(query, "service", service);
        foreach (var entry in scope.Entries)
        {
            Append(query, "scope", entry);
        }
        if (credential is not null)
        {
            Append(query, "account", credential.UserName);
            Append(query, "offline_token", options.KeepIdentityToken is null ? "" : "true");
        }
        Append(query, "client_id", ClientId);
        var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
        request.Headers.Authorization = credential is null ? null : BasicHeader(credential);
        return request;
    }

    // token-auth oauth.md
    private static HttpRequestMessage RefreshRequest(Uri realm, string service, AccessScope scope, Credential.IdentityToken credential) =>
        new(HttpMethod.Post, realm)
        {
            Content = new FormUrlEncodedContent(
            [
                new("grant_type", "refresh_token"),
                new("service", service),
                new("client_id", ClientId),
                new("scope", scope.Text),
                new("refresh_token", credential.Token.Reveal()),
            ]),
        };

    private static void Append(StringBuilder query, string name, string value)
    {
        if (value.Length > 0)
        {
            query.Append(query.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }

    private static AuthenticationHeaderValue BasicHeader(Credential.Basic credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password.Reveal()}")));
}
