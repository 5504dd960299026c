using Strata.Remote.Credentials;

namespace Strata.Remote;

public sealed record RegistryClientOptions
{
    public ICredentialSource Credentials { get; init; } = GivenCredential.None;

    /// <summary>Hosts, as references name them, that may speak plain HTTP or have a certificate nobody vouches for.</summary>
    public IReadOnlySet<string> InsecureHosts { get; init; } = new HashSet<string>();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long nothing may arrive or leave before a request is given up. There is no limit to the whole of a transfer.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
