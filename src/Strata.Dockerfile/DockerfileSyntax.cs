using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>A parsed Dockerfile.</summary>
public sealed record DockerfileSyntax
{
    public required DockerfileText Text { get; init; }

    public required Directives Directives { get; init; }

    /// <summary>The ARGs in front of the first FROM.</summary>
    public required ImmutableArray<ArgInstruction> GlobalArgs { get; init; }

    public required ImmutableArray<Stage> Stages { get; init; }

    public required ImmutableArray<DockerfileWarning> Warnings { get; init; }

    /// <summary>
    /// Finds a stage by name (any case) or index, as <c>--target</c> and <c>--from</c> do. The last of two equal names wins.
    /// </summary>
    public Stage? FindStage(string nameOrIndex)
    {
        string name = nameOrIndex.ToLowerInvariant();
        return Stages.LastOrDefault(stage => stage.Name == name)
            ?? (int.TryParse(name, out int index) && index >= 0 && index < Stages.Length ? Stages[index] : null);
    }

    /// <summary>
    /// Finds the stage a FROM means: an earlier one, by name only. <paramref name="name"/> is the base name, expanded.
    /// </summary>
    public Stage? FindBase(Stage stage, string name) =>
        Stages.Take(stage.Index).LastOrDefault(earlier => name.Equals(earlier.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What to ask when <see cref="FindStage"/> finds nothing.</summary>
    public string? SuggestStage(string name) =>
        Suggestion.For(name, Stages.Where(stage => stage.Name is not null).Select(stage => stage.Name!), ignoreCase: true);
}
