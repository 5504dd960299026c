using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// A repository or a name with <c>*</c> (anything but a slash), <c>?</c> and <c>[a-z]</c> in it, as docker matches them: against the short
/// form of a name, with its tag or without. A text without any of these may be written in every form that names have.
/// </summary>
public sealed class NamePattern
{
    private readonly string _text;
    private readonly Reference? _plain;

    private NamePattern(string text) => (_text, _plain) = (text, !text.AsSpan().ContainsAny("*?[\\") && Reference.TryParse(text, out var plain) ? plain : null);

    public static NamePattern Of(string text) => new(text);

    /// <summary>The beginning of an id, where the text reads as one; null otherwise.</summary>
    public string? IdPrefix
    {
        get
        {
            const string algorithm = "sha256:";
            var hex = _text.StartsWith(algorithm, StringComparison.Ordinal) ? _text[algorithm.Length..] : _text;
            return hex.Length is > 0 and <= 64 && hex.All(char.IsAsciiHexDigitLower) ? algorithm + hex : null;
        }
    }

    public bool Fits(Reference name) => _plain is { } plain
        ? plain.Name == name.Name && (plain.Tag is null || plain.Tag == name.Tag) && (plain.Digest is null || plain.Digest == name.Digest)
        : Matches(_text, name.Familiar) || Matches(_text, name.FamiliarName);

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        while (!pattern.IsEmpty)
        {
            switch (pattern[0])
            {
                case '*':
                    pattern = pattern.TrimStart('*');
                    for (var skipped = 0; skipped <= text.Length; skipped++)
                    {
                        if (Matches(pattern, text[skipped..]))
                        {
                            return true;
                        }
                        if (skipped < text.Length && text[skipped] == '/')
                        {
                            return false;
                        }
                    }
                    return false;
                case '[' when pattern.IndexOf(']') is > 1 and var end:
                    if (text.IsEmpty || !IsOneOf(text[0], pattern[1..end]))
                    {
                        return false;
                    }
                    pattern = pattern[(end + 1)..];
                    break;
                case '?':
                    if (text.IsEmpty || text[0] == '/')
                    {
                        return false;
                    }
                    pattern = pattern[1..];
                    break;
                default:
                    pattern = pattern[0] == '\\' && pattern.Length > 1 ? pattern[1..] : pattern;
                    if (text.IsEmpty || text[0] != pattern[0])
                    {
                        return false;
                    }
                    pattern = pattern[1..];
                    break;
            }
            text = text[1..];
        }
        return text.IsEmpty;
    }

    private static bool IsOneOf(char letter, ReadOnlySpan<char> set)
    {
        var isNegated = set[0] == '^';
        set = isNegated ? set[1..] : set;
        for (var i = 0; i < set.Length; i++)
        {
            var isRange = i + 2 < set.Length && set[i + 1] == '-';
            if (isRange ? letter >= set[i] && letter <= set[i + 2] : letter == set[i])
            {
                return !isNegated;
            }
            i += isRange ? 2 : 0;
        }
        return isNegated;
    }
}
