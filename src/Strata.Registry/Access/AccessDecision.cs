namespace Strata.Registry.Access;

/// <summary>Whether a request is let in.</summary>
internal abstract record AccessDecision
{
    private AccessDecision()
    {
    }

    /// <param name="Actor">The user's name, "" for nobody in particular.</param>
    public sealed record Granted(string Actor) : AccessDecision;

    /// <summary>No password, or a wrong one: the two are answered alike.</summary>
    public sealed record Refused : AccessDecision;

    /// <summary>More passwords are waiting to be checked than is reasonable.</summary>
    public sealed record Overloaded : AccessDecision;
}
