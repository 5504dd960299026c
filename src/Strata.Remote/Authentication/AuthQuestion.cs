using System.Net.Http.Headers;
using Strata.Remote.Credentials;
using Strata.Remote.Retrying;
using Strata.Remote.Transport;

namespace Strata.Remote.Authentication;

/// <summary>A registry wants to know who asks.</summary>
/// <param name="Request">What was challenged; its token server uses up the tries of it too.</param>
/// <param name="Refused">What was sent and did not do; null when nothing was.</param>
internal sealed record AuthQuestion(RegistryRequest Request, IReadOnlyList<AuthChallenge> Challenges, AuthenticationHeaderValue? Refused)
{
    public RegistryEndpoint Registry => Request.Registry;

    public LoginName Asking => Request.Asking;

    public AccessScope Scope => Request.Scope;

    public RetryBudget Retries => Request.Retries!;
}
