namespace Strata.Remote.Authentication;

/// <summary>One challenge of a WWW-Authenticate header (RFC 7235, section 4.1); the scheme is in lower case.</summary>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public const string Basic = "basic";
    public const string Bearer = "bearer";

    /// <summary>
    /// Reads all challenges of all headers. One header may hold several. A parameter that is broken ends its challenge; what came
    /// before it counts.
    /// </summary>
    public static IReadOnlyList<AuthChallenge> Parse(IEnumerable<string> headers)
    {
        var challenges = new List<AuthChallenge>();
        foreach (var header in headers)
        {
            var reader = new ChallengeReader(header);
            while (reader.TryReadChallenge(out var challenge))
            {
                challenges.Add(challenge);
            }
        }
        return challenges;
    }

    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);
}
