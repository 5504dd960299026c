namespace Strata.Dockerfile;

/// <summary>A parser directive (<c># name=value</c>) as written, or found in one of the looser places allowed for <c>syntax</c>.</summary>
public sealed record Directive(string Name, string Value, int Line);

/// <summary>What the top of a file says about how to read it.</summary>
public sealed record Directives
{
    public static Directives None { get; } = new();

    /// <summary>The frontend the file asks for. The first word of its value is an image reference.</summary>
    public Directive? Syntax { get; init; }

    public Directive? Escape { get; init; }

    public Directive? Check { get; init; }

    public char EscapeCharacter { get; init; } = '\\';

    /// <summary>True when the file asks for a frontend that is not Docker's own, which this parser speaks.</summary>
    public bool WantsForeignFrontend =>
        Syntax is not null && !IsOwnFrontend(Syntax.Value.Split(' ', 2)[0]);

    private static bool IsOwnFrontend(string reference)
    {
        foreach (string prefix in (ReadOnlySpan<string>)["docker.io/", "index.docker.io/"])
        {
            if (reference.StartsWith(prefix, StringComparison.Ordinal))
            {
                reference = reference[prefix.Length..];
            }
        }

        string repository = reference.Split(':', '@')[0];
        return repository is "docker/dockerfile" or "docker/dockerfile-upstream" or "dockerfile.v0";
    }
}
