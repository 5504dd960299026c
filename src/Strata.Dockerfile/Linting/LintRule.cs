namespace Strata.Dockerfile;

/// <summary>A lint rule. Names, descriptions and pages are those users know from Docker.</summary>
public sealed record LintRule(string Name, string Description)
{
    /// <summary>Silent unless a check directive asks for it.</summary>
    public bool IsExperimental { get; init; }

    /// <summary>The last part of the address of its page; null when it has none.</summary>
    internal string? Page { get; init; }

    public string Url => Page is null ? "" : $"https://docs.docker.com/go/dockerfile/rule/{Page}/";
}
