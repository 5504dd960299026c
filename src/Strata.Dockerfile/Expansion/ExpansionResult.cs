using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>What became of a word and its variables.</summary>
public sealed record ExpansionResult
{
    /// <summary>Null when the word was expanded; otherwise why it could not be.</summary>
    public string? Error { get; init; }

    /// <summary>The whole word, white space kept. Empty after an error.</summary>
    public string Text { get; init; } = "";

    /// <summary>The word split at white space that no quote protects; white space from a variable splits too.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>Names that had a value.</summary>
    public ImmutableHashSet<string> Used { get; init; } = [];

    /// <summary>Names without a value, used where nothing stands in for one (<c>${x:-y}</c> does).</summary>
    public ImmutableHashSet<string> Undefined { get; init; } = [];
}
