using Strata.Dockerfile;

namespace Strata.Host;

/// <summary>The word that somebody who mistyped one meant, for faces, which do not know the language that has the rule.</summary>
public static class NearestWord
{
    /// <summary>Null where none of them is near.</summary>
    public static string? To(string word, IEnumerable<string> known) => Suggestion.For(word, known);
}
