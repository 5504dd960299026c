using System.Text.Json;
using CsCheck;
using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Testing;

namespace Strata.Remote.Tests;

/// <summary>
/// Rows that other clients are tested with. Left out of realmAllowed: an inner registry naming another port of the same inner host,
/// which that project refuses and people's own token servers need. Left out: canonicalAddress (Uri does that); retryWithScope (a refused
/// token is renewed once whatever the reason, with the scope that the challenge names: a test of its own in <see cref="AuthenticationTests"/>).
/// </summary>
public sealed class AuthChallengeTests
{
    [Fact]
    public void Challenges_are_read() => Check("parse", 27, row =>
    {
        var headers = row.GetProperty("headers").EnumerateArray().Select(h => h.GetString()!).ToList();
        var challenges = AuthChallenge.Parse(headers);
        var expected = row.GetProperty("challenges").EnumerateArray().ToList();
        if (expected is [var only] && only.GetProperty("scheme").GetString() == "unknown")
        {
            return challenges.Any(c => c.Scheme is AuthChallenge.Basic or AuthChallenge.Bearer) ? $"{headers[0]}: known" : null;
        }
        // A lone word after a comma is read as a scheme without parameters; it is no known one, so nothing comes of it.
        challenges = [.. challenges.Where(c => c.Scheme is AuthChallenge.Basic or AuthChallenge.Bearer)];
        if (expected.Count != challenges.Count)
        {
            return $"{headers[0]}: {challenges.Count} challenges";
        }
        foreach (var (wanted, actual) in expected.Zip(challenges))
        {
            var parameters = wanted.GetProperty("parameters").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
            var read = actual.Parameters.Where(p => actual.Scheme != AuthChallenge.Basic || p.Key != "realm").ToDictionary();
            if (wanted.GetProperty("scheme").GetString() != actual.Scheme || !parameters.OrderBy(p => p.Key).SequenceEqual(read.OrderBy(p => p.Key)))
            {
                return $"{headers[0]}: {actual.Scheme} {string.Join(", ", read)}";
            }
        }
        return null;
    });

    [Fact]
    public void A_client_chooses_bearer_or_basic_among_several() => Check("ping", 5, row =>
    {
        var challenges = AuthChallenge.Parse(row.GetProperty("headers").EnumerateArray().Select(h => h.GetString()!));
        var chosen = challenges.FirstOrDefault(c => c.Scheme is AuthChallenge.Bearer or AuthChallenge.Basic) ?? (challenges.Count > 0 ? challenges[0] : null);
        return (chosen?.Scheme ?? "") == row.GetProperty("scheme").GetString()
            && (!row.TryGetProperty("parameterCount", out var count) || count.GetInt32() == (chosen?.Parameters.Count ?? 0))
            ? null : $"{row}: {chosen}";
    });

    [Fact]
    public void Tokens_are_read() => Check("tokenResponse", 5, row =>
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var body = row.GetProperty("body").GetString()!;
        var read = AccessToken.TryParse(System.Text.Encoding.UTF8.GetBytes(body), now, out var token);
        if (row.TryGetProperty("error", out _))
        {
            return read ? $"{body}: read" : null;
        }
        var expected = row.TryGetProperty("expiresUnix", out var at) ? DateTimeOffset.FromUnixTimeSeconds(at.GetInt64()) : now.AddSeconds(100);
        return token?.Token.Reveal() == row.GetProperty("token").GetString() && token!.Expires == expected ? null : $"{body}: {token?.Expires}";
    });

    [Fact]
    public void Credentials_go_to_token_servers_that_may_have_them() => Check("realmAllowed", 18, row =>
    {
        var host = row.GetProperty("registryHost").GetString()!;
        var insecure = row.GetProperty("insecure").GetBoolean();
        var name = host.Length == 0 ? "registry.example.com" : host;
        var endpoint = new RegistryEndpoint(name, RegistryEndpoint.BaseOf(name, insecure ? "http" : "https"));
        var realm = row.GetProperty("realm").GetString()!;
        var allowed = RealmRules.IsAllowed(new Uri(realm), endpoint);
        var ownServer = realm == "http://127.0.0.1:8080/auth" && host == "127.0.0.1:5000";
        return allowed == (row.GetProperty("allowed").GetBoolean() || ownServer) ? null : $"{realm} from {name}: {allowed}";
    });

    [Fact]
    public void Several_challenges_in_one_header_are_told_apart()
    {
        var challenges = AuthChallenge.Parse(["""Negotiate, Basic realm="a, b", charset=UTF-8, Bearer realm="https://t/x?a=b",service=s"""]);
        Assert.Equal(["negotiate", "basic", "bearer"], challenges.Select(c => c.Scheme));
        Assert.Equal("a, b", challenges[1]["realm"]);
        Assert.Equal("UTF-8", challenges[1]["charset"]);
        Assert.Equal("https://t/x?a=b", challenges[2]["REALM"]);
    }

    [Fact]
    public void Any_header_is_read_to_its_end() =>
        Gen.Char["aB =,\"\\:/\t"].Array[0, 40].Select(c => new string(c)).Sample(header => Assert.True(AuthChallenge.Parse([header]).Count <= header.Length), iter: 20_000);

    [Fact]
    public void Scopes_are_joined_once_and_in_order() =>
        Assert.Equal(
            "repository:a:pull repository:b:pull,push",
            AccessScope.Push(RepositoryName.Parse("b")).And("repository:a:pull repository:b:pull,push").Text);

    private static void Check(string table, int count, Func<JsonElement, string?> check)
    {
        var rows = TestData.Json("http-auth", "challenges.json").GetProperty(table).EnumerateArray().ToList();
        var failures = rows.Select(check).OfType<string>().ToList();
        if (failures.Count > 0)
        {
            Assert.Fail(string.Join('\n', failures));
        }
        Assert.Equal(count, rows.Count);
    }
}
