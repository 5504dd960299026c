using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Strata.Dockerfile;

/// <summary>Which lint rules apply: the <c>check</c> directive, the same text above one instruction, or a build argument.</summary>
public sealed record CheckOptions
{
    public static CheckOptions Default { get; } = new();

    public ImmutableHashSet<string> Skip { get; init; } = [];

    public bool SkipAll { get; init; }

    public ImmutableHashSet<string> Experimental { get; init; } = [];

    public bool ExperimentalAll { get; init; }

    /// <summary>Any warning fails the build.</summary>
    public bool Error { get; init; }

    public static bool TryParse(string text, [NotNullWhen(true)] out CheckOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        // What follows "//" says why, for the reader.
        int remark = text.IndexOf("//", StringComparison.Ordinal);
        string list = (remark < 0 ? text : text[..remark]).Trim();
        var parsed = new CheckOptions();
        string[] parts = list.Length == 0 ? [] : list.Split(';', 3);
        foreach (string part in parts)
        {
            string[] pair = part.Split('=', 2);
            if (pair.Length < 2)
            {
                error = $"invalid check option {GoQuote.Quote(part)}";
                return false;
            }

            string key = pair[0].Trim();
            string value = pair[1].Trim();
            switch (key)
            {
                case "skip" when value == "all":
                    parsed = parsed with { SkipAll = true };
                    break;
                case "skip":
                    parsed = parsed with { Skip = Names(value) };
                    break;
                case "experimental" when value == "all":
                    parsed = parsed with { ExperimentalAll = true };
                    break;
                case "experimental":
                    parsed = parsed with { Experimental = Names(value) };
                    break;
                case "error" when GoBool.TryParse(value, out bool fails):
                    parsed = parsed with { Error = fails };
                    break;
                case "error":
                    error = $"failed to parse check option {GoQuote.Quote(part)}: {GoQuote.Quote(value)} is neither true nor false";
                    return false;
                default:
                    error = $"invalid check option {GoQuote.Quote(key)}";
                    return false;
            }
        }

        options = parsed;
        error = null;
        return true;
    }

    /// <summary>What holds where both this and a narrower set of options apply.</summary>
    internal CheckOptions With(CheckOptions narrower) => new()
    {
        Skip = Skip.Union(narrower.Skip),
        SkipAll = SkipAll || narrower.SkipAll,
        Experimental = Experimental.Union(narrower.Experimental),
        ExperimentalAll = ExperimentalAll || narrower.ExperimentalAll,
        Error = Error || narrower.Error,
    };

    private static ImmutableHashSet<string> Names(string list) => [.. list.Split(',').Select(name => name.Trim())];
}
