namespace Strata.Remote.Credentials;

/// <summary>One credential for one registry; with null, none for any.</summary>
public sealed class GivenCredential(string host, Credential? credential) : ICredentialSource
{
    public static GivenCredential None { get; } = new("", null);

    public ValueTask<Credential?> FindAsync(LoginName name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(name.Registry == host ? credential : null);
}
