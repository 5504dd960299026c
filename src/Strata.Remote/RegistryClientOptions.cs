using Strata.Remote.Configuration;
using Strata.Remote.Credentials;

namespace Strata.Remote;

public sealed record RegistryClientOptions
{
    public ICredentialSource Credentials { get; init; } = GivenCredential.None;

    /// <summary>Set for a login: token servers are asked for a token that stands for the password from then on, and what they give comes here.</summary>
    public Action<Credential.IdentityToken>? KeepIdentityToken { get; init; }

    /// <summary>Which registries are reached otherwise than by their name: insecurely, through mirrors, somewhere else, not at all.</summary>
    public RegistryRules Rules { get; init; } = RegistryRules.None;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long nothing may arrive or leave before a request is given up. There is no limit to the whole of a transfer.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A number from 0 up to 1 for the length of pauses.</summary>
    public Func<double> Chance { get; init; } = Random.Shared.NextDouble;
}
