namespace Strata.Remote.Credentials;

/// <summary>Where credentials come from: Docker's configuration file, or what was given for this one call.</summary>
public interface ICredentialSource
{
    /// <summary>For a registry as references name it (<c>docker.io</c>, <c>localhost:5000</c>); null: there is none, try as anybody.</summary>
    ValueTask<Credential?> FindAsync(string registry, CancellationToken cancellationToken);
}
