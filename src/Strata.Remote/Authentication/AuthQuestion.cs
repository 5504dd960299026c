using System.Net.Http.Headers;
using Strata.Remote.Retrying;

namespace Strata.Remote.Authentication;

/// <summary>A registry wants to know who asks.</summary>
/// <param name="Refused">What was sent and did not do; null when nothing was.</param>
/// <param name="Retries">Those of the request that was challenged; its token server uses them up too.</param>
internal sealed record AuthQuestion(
    RegistryEndpoint Registry, AccessScope Scope, IReadOnlyList<AuthChallenge> Challenges, AuthenticationHeaderValue? Refused, RetryBudget Retries);
