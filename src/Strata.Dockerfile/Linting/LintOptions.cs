using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>What the linter may know beyond the file.</summary>
public sealed record LintOptions
{
    public static LintOptions Default { get; } = new();

    /// <summary>Takes the place of the file's own check directive.</summary>
    public CheckOptions? Check { get; init; }

    /// <summary>What the build context leaves out; null when it does not come from a folder.</summary>
    public IgnoreFile? IgnoreFile { get; init; }

    /// <summary>The stages a build needs, by index; null for all. What is wrong with the whole file is told in any case.</summary>
    public ImmutableHashSet<int>? Stages { get; init; }

    /// <summary>
    /// The names of a base image's environment variables, null when they are not known. Undefined variables are only told in stages
    /// whose base is known (<c>scratch</c> is).
    /// </summary>
    public Func<string, IReadOnlyCollection<string>?> BaseEnvironment { get; init; } = _ => null;
}
