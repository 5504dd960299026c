using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Strata.Content.Streams;
using Strata.Remote.Credentials;

namespace Strata.Remote.Authentication;

/// <summary>
/// Answers the challenges of registries, with credentials or as anybody, and remembers the answers: tokens by realm, service and
/// scope, until shortly before they end. Credentials are sent to the registry they are for and to the token server it names, if
/// <see cref="RealmRules"/> allow that one.
/// </summary>
internal sealed class Authenticator(HttpMessageInvoker http, ICredentialSource credentials, TimeProvider time) : IDisposable
{
    private const string ClientId = "strata";
    private const int MaxTokenBody = 1024 * 1024;
    private const int Attempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    // A name and password are good for whatever the registry lets them.
    private const string AnyScope = "*";

    // A token that ends while a request is on its way is of no use.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string Registry, string Scope), (AuthenticationHeaderValue Header, DateTimeOffset Expires)> _answers = new();
    private readonly ConcurrentDictionary<(string Realm, string Service, string Scope), AccessToken> _tokens = new();
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>What the registry accepted for this scope before.</summary>
    public AuthenticationHeaderValue? Known(RegistryEndpoint registry, AccessScope scope) =>
        (_answers.TryGetValue((registry.Name, scope.Text), out var answer) || _answers.TryGetValue((registry.Name, AnyScope), out answer))
        && answer.Expires > time.GetUtcNow() ? answer.Header : null;

    /// <summary>
    /// The header that should satisfy the challenges; null when there is none to give. <paramref name="refused"/> is what was sent.
    /// Requests that are challenged at the same time share one answer.
    /// </summary>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(
        RegistryEndpoint registry, AccessScope scope, IReadOnlyList<AuthChallenge> challenges, AuthenticationHeaderValue? refused, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (Known(registry, scope) is { } newer && !newer.Equals(refused))
            {
                return newer;
            }
            var bearer = challenges.FirstOrDefault(c => c.Scheme == AuthChallenge.Bearer && c["realm"] is not null);
            if (bearer is not null)
            {
                var token = await TokenAsync(registry, scope, bearer, refused, cancellationToken);
                return Remember(registry, scope.Text, new AuthenticationHeaderValue("Bearer", token.Token.Reveal()), token.Expires - Margin);
            }
            if (challenges.Any(c => c.Scheme == AuthChallenge.Basic)
                && await credentials.FindAsync(registry.Name, cancellationToken) is Credential.Basic basic
                && BasicHeader(basic) is var header && !header.Equals(refused))
            {
                return Remember(registry, AnyScope, header, DateTimeOffset.MaxValue);
            }
            return null;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private AuthenticationHeaderValue Remember(RegistryEndpoint registry, string scope, AuthenticationHeaderValue header, DateTimeOffset expires)
    {
        _answers[(registry.Name, scope)] = (header, expires);
        return header;
    }

    private async Task<AccessToken> TokenAsync(
        RegistryEndpoint registry, AccessScope scope, AuthChallenge challenge, AuthenticationHeaderValue? refused, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(challenge["realm"], UriKind.Absolute, out var realm) || !RealmRules.IsAllowed(realm, registry))
        {
            throw new RegistryException($"{registry.Name} sends its clients to the token server '{challenge["realm"]}', where no credentials go; only https is followed, and inner addresses only from inner registries.");
        }
        var service = challenge["service"] ?? "";
        var wanted = scope.And(challenge["scope"]);
        var key = (realm.AbsoluteUri, service, wanted.Text);
        if (_tokens.TryGetValue(key, out var known) && known.Expires - Margin > time.GetUtcNow() && known.Token.Reveal() != refused?.Parameter)
        {
            return known;
        }
        var credential = await credentials.FindAsync(registry.Name, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            using var request = credential is Credential.IdentityToken identity
                ? RefreshRequest(realm, service, wanted, identity)
                : TokenRequest(realm, service, wanted, credential as Credential.Basic);
            using var response = await SendAsync(registry, request, cancellationToken);
            if (attempt < Attempts && response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
            {
                await Task.Delay(Pause * attempt, time, cancellationToken);
                continue;
            }
            return _tokens[key] = await ReadAsync(registry, realm, response, credential is not null, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(RegistryEndpoint registry, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new RegistryException($"The token server {request.RequestUri!.Authority} of {registry.Name} cannot be reached: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private async Task<AccessToken> ReadAsync(RegistryEndpoint registry, Uri realm, HttpResponseMessage response, bool hasCredential, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            var hint = response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest) ? ""
                : hasCredential ? $" The login was not accepted; renew it: strata login {registry.Name}"
                : $" Log in: strata login {registry.Name}";
            throw new RegistryException($"The token server {realm.Authority} of {registry.Name} answered with {(int)response.StatusCode} {response.ReasonPhrase}.{hint}")
            {
                Status = response.StatusCode,
            };
        }
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var raw = await BoundedStream.ReadAllAsync(body, MaxTokenBody, "The token server's answer", cancellationToken);
        return AccessToken.TryParse(raw, time.GetUtcNow(), out var token)
            ? token
            : throw new RegistryException($"The token server {realm.Authority} of {registry.Name} gave an answer without a token.");
    }

    // token-auth token.md
    private static HttpRequestMessage TokenRequest(Uri realm, string service, AccessScope scope, Credential.Basic? credential)
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
