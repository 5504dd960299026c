using Strata.Oci;
using Strata.Remote;

namespace Strata.Host.Registries;

/// <summary>What <c>tags rollback --to</c> means by the beginning of a digest.</summary>
public static class RollbackGoal
{
    private const string Algorithm = "sha256:";

    /// <exception cref="StrataException">The tag never meant such a digest, or several of them.</exception>
    public static Digest Find(string text, IReadOnlyList<TagChange> history)
    {
        var begun = text.StartsWith(Algorithm, StringComparison.Ordinal) ? text : Algorithm + text;
        if (begun.Length == Algorithm.Length || !begun[Algorithm.Length..].All(char.IsAsciiHexDigitLower))
        {
            throw new StrataException($"'{text}' is no digest", "--to takes one, or its beginning, as `strata tags history` tells them");
        }
        var meant = history.SelectMany(change => new[] { change.From, change.To })
            .OfType<Digest>()
            .Where(digest => digest.ToString().StartsWith(begun, StringComparison.Ordinal))
            .Distinct()
            .ToList();
        return meant switch
        {
            [var only] => only,
            [] => throw new StrataException($"the tag never meant a digest that begins with {text}", "`strata tags history` lists what it meant; of anything else give the whole digest"),
            _ => throw new StrataException($"the tag meant {meant.Count} digests that begin with {text}", $"give more digits: {string.Join(", ", meant.Select(digest => digest.Short))}"),
        };
    }
}
