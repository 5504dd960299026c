using Strata.Content;

namespace Strata.Remote.Credentials;

/// <summary>Who the client is at a registry: a name with a password, or a token that stands for both. A closed family.</summary>
public abstract record Credential
{
    private Credential()
    {
    }

    public sealed record Basic(string UserName, Secret Password) : Credential;

    /// <summary>A refresh token that the registry's token server gave out (OAuth 2).</summary>
    public sealed record IdentityToken(Secret Token) : Credential;
}
