using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Strata.Content;

namespace Strata.Remote.Authentication;

/// <summary>What a token server gave: a bearer token and when it stops being good.</summary>
/// <param name="Refresh">What stands for the credentials from now on; servers give it where it was asked for, or not at all.</param>
internal sealed record AccessToken(Secret Token, DateTimeOffset Expires, Secret? Refresh = null)
{
    // token-auth token.md: a life under 60 seconds, or none given, counts as 60.
    private const double ShortestLife = 60;

    // Without end would overflow; no server means a longer life.
    private const double LongestLife = 24 * 60 * 60;

    public static bool TryParse(ReadOnlySpan<byte> body, DateTimeOffset now, [NotNullWhen(true)] out AccessToken? token)
    {
        token = null;
        TokenDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(body, RemoteJson.Default.TokenDocument);
        }
        catch (JsonException)
        {
            return false;
        }
        var text = string.IsNullOrEmpty(document?.Token) ? document?.AccessToken : document.Token;
        if (string.IsNullOrEmpty(text) || text.AsSpan().ContainsAny('\r', '\n'))
        {
            return false;
        }
        // A zero time is how Go writes "not set"; after the last year nothing can be added.
        var issued = DateTimeOffset.TryParse(document!.IssuedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year is > 1 and < 9999 ? at : now;
        var life = document.ExpiresIn is { } seconds && seconds > ShortestLife ? Math.Min(seconds, LongestLife) : ShortestLife;
        token = new AccessToken(new Secret(text), issued.AddSeconds(life), string.IsNullOrEmpty(document.RefreshToken) ? null : new Secret(document.RefreshToken));
        return true;
    }
}
