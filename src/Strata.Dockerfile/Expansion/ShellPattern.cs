using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>
/// The glob patterns of <c>${x#p}</c>, <c>${x%p}</c> and <c>${x/p/r}</c>: <c>*</c>, <c>?</c> and three escapes, no classes.
/// Neither wildcard crosses a line feed.
/// </summary>
internal sealed class ShellPattern
{
    // Bounds pattern length × value length squared; far beyond anything written by hand.
    private const long MaxWork = 50_000_000;

    // The pattern between its stars. Wildcard characters inside a piece are AnyOne.
    private readonly ImmutableArray<Rune[]> _pieces;
    private long _work;

    private ShellPattern(ImmutableArray<Rune[]> pieces) => _pieces = pieces;

    /// <summary>Stands for <c>?</c>; NUL cannot be in a value that becomes part of an environment.</summary>
    private static Rune AnyOne { get; } = new('\0');

    public static ShellPattern Parse(string pattern)
    {
        var pieces = ImmutableArray.CreateBuilder<Rune[]>();
        var piece = new List<Rune>();
        Rune[] runes = [.. pattern.EnumerateRunes()];
        for (int i = 0; i < runes.Length; i++)
        {
            switch (runes[i].Value)
            {
                case '*':
                    pieces.Add([.. piece]);
                    piece.Clear();
                    break;
                case '?':
                    piece.Add(AnyOne);
                    break;
                case '\\':
                    i++;
                    if (i == runes.Length || runes[i].Value is not ('}' or '/' or '*' or '?' or '\\'))
                    {
                        string escaped = i == runes.Length ? "" : runes[i].ToString();
                        throw new ShellSyntaxException($"invalid pattern ({pattern}) in substitution: invalid escape '\\{escaped}'");
                    }

                    piece.Add(runes[i]);
                    break;
                default:
                    piece.Add(runes[i]);
                    break;
            }
        }

        pieces.Add([.. piece]);
        return new ShellPattern(pieces.ToImmutable());
    }

    public string TrimPrefix(string value, bool longest)
    {
        Rune[] runes = [.. value.EnumerateRunes()];
        int end = MatchAt(runes, 0, longest);
        return end < 0 ? value : ToText(runes.AsSpan(end));
    }

    /// <summary>Trims from the other end: everything reversed, pattern included.</summary>
    public string TrimSuffix(string value, bool longest)
    {
        Rune[] runes = [.. value.EnumerateRunes()];
        Array.Reverse(runes);
        var reversed = new ShellPattern([.. _pieces.Reverse().Select(piece => piece.Reverse().ToArray())]);
        int end = reversed.MatchAt(runes, 0, longest);
        if (end < 0)
        {
            return value;
        }

        Array.Reverse(runes);
        return ToText(runes.AsSpan(..(runes.Length - end)));
    }

    public string ReplaceFirst(string value, string replacement)
    {
        Rune[] runes = [.. value.EnumerateRunes()];
        for (int start = 0; start <= runes.Length; start++)
        {
            int end = MatchAt(runes, start, longest: true);
            if (end >= 0)
            {
                return ToText(runes.AsSpan(..start)) + replacement + ToText(runes.AsSpan(end));
            }
        }

        return value;
    }

    /// <summary>
    /// Replaces every match, leftmost and longest; an empty match right behind another is none. Docker gives the
    /// replacement to Go's regexp package, which expands <c>$0</c> and drops every other <c>$name</c>; so does this.
    /// </summary>
    public string ReplaceAll(string value, string replacement)
    {
        Rune[] runes = [.. value.EnumerateRunes()];
        var result = new StringBuilder();
        int copied = 0;
        for (int start = 0; start <= runes.Length;)
        {
            int end = MatchAt(runes, start, longest: true);
            if (end < 0)
            {
                start++;
                continue;
            }

            result.Append(ToText(runes.AsSpan(copied..start)));
            if (end > copied || start == 0)
            {
                result.Append(ExpandTemplate(replacement, ToText(runes.AsSpan(start..end))));
            }

            copied = end;
            start = end > start ? end : start + 1;
            if (result.Length > Expansion.MaxLength)
            {
                throw new ShellSyntaxException("the result is too long");
            }
        }

        return result.Append(ToText(runes.AsSpan(copied..))).ToString();
    }

    private static string ExpandTemplate(string template, string match)
    {
        var result = new StringBuilder();
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] != '$')
            {
                result.Append(template[i]);
                continue;
            }

            int start = i + 1;
            bool braced = start < template.Length && template[start] == '{';
            start += braced ? 1 : 0;
            int end = start;
            while (end < template.Length && (char.IsLetterOrDigit(template[end]) || template[end] == '_'))
            {
                end++;
            }

            if (!braced && start < template.Length && template[start] == '$')
            {
                result.Append('$');
                i = start;
            }
            else if (end == start || (braced && (end == template.Length || template[end] != '}')))
            {
                result.Append('$');
            }
            else
            {
                result.Append(template.AsSpan(start..end) is "0" ? match : "");
                i = braced ? end : end - 1;
            }
        }

        return result.ToString();
    }

    /// <summary>
    /// The end of the shortest or longest match that starts at <paramref name="start"/>, or -1. Taking the leftmost place
    /// for every piece but the last is enough: all places a star reaches lie on one line.
    /// </summary>
    private int MatchAt(Rune[] text, int start, bool longest)
    {
        if (!PieceAt(text, start, _pieces[0]))
        {
            return -1;
        }

        int position = start + _pieces[0].Length;
        for (int i = 1; i < _pieces.Length; i++)
        {
            bool takeLast = longest && i == _pieces.Length - 1;
            int found = Find(text, position, _pieces[i], takeLast);
            if (found < 0)
            {
                return -1;
            }

            position = found + _pieces[i].Length;
        }

        return position;
    }

    private int Find(Rune[] text, int from, Rune[] piece, bool last)
    {
        int found = -1;
        for (int at = from; at + piece.Length <= text.Length; at++)
        {
            if (PieceAt(text, at, piece))
            {
                found = at;
                if (!last)
                {
                    break;
                }
            }

            if (at < text.Length && text[at].Value == '\n')
            {
                break;
            }
        }

        return found;
    }

    private bool PieceAt(Rune[] text, int at, Rune[] piece)
    {
        if (at + piece.Length > text.Length)
        {
            return false;
        }

        int matched = 0;
        while (matched < piece.Length
            && (piece[matched] == AnyOne ? text[at + matched].Value != '\n' : piece[matched] == text[at + matched]))
        {
            matched++;
        }

        _work += matched + 1;
        return _work <= MaxWork ? matched == piece.Length : throw new ShellSyntaxException("the pattern takes too long to match");
    }

    private static string ToText(ReadOnlySpan<Rune> runes)
    {
        var text = new StringBuilder(runes.Length);
        foreach (Rune rune in runes)
        {
            text.Append(rune.ToString());
        }

        return text.ToString();
    }
}
