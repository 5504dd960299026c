namespace Strata.Remote.Credentials;

/// <summary>Where credentials come from: Docker's configuration file, or what was given for this one call.</summary>
public interface ICredentialSource
{
    /// <summary>For a repository of a registry, or for a registry as a whole; null: there is none, try as anybody.</summary>
    ValueTask<Credential?> FindAsync(LoginName name, CancellationToken cancellationToken);
}
