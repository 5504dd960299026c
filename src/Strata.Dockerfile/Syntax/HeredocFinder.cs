using System.Globalization;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>Finds the words of a line that open heredocs.</summary>
internal static class HeredocFinder
{
    public static List<Heredoc> InLine(string line)
    {
        var found = new List<Heredoc>();
        foreach (string word in JoinOperators(RawWords(line)))
        {
            if (FromWord(word) is { } heredoc)
            {
                found.Add(heredoc);
            }
        }

        return found;
    }

    /// <summary>White space may stand between the angles and the name: joins such a pair to one word.</summary>
    public static List<string> JoinOperators(IEnumerable<string> words)
    {
        var joined = new List<string>();
        foreach (string word in words)
        {
            if (joined.Count > 0 && IsOperator(joined[^1]))
            {
                joined[^1] += " " + word;
            }
            else
            {
                joined.Add(word);
            }
        }

        return joined;
    }

    private static bool IsOperator(string word) => word.AsSpan().TrimStart("0123456789") is "<<" or "<<-";

    /// <summary>The heredoc a shell word opens (<c>&lt;&lt;EOF</c>, <c>3&lt;&lt;-'EOF'</c>), without its content; null for none.</summary>
    public static Heredoc? FromWord(string word)
    {
        int digits = 0;
        while (digits < word.Length && char.IsAsciiDigit(word[digits]))
        {
            digits++;
        }

        if (!word.AsSpan(digits).StartsWith("<<", StringComparison.Ordinal))
        {
            return null;
        }

        int start = digits + 2;
        bool stripTabs = start < word.Length && word[start] == '-';
        string rest = WhiteSpace.TrimStart(word[(stripTabs ? start + 1 : start)..]);
        if (rest.Contains('<', StringComparison.Ordinal) || Unquote(rest, out bool quoted) is not { Length: > 0 } name)
        {
            return null;
        }

        _ = int.TryParse(word[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor);
        return new Heredoc { Name = name, StripTabs = stripTabs, Expand = !quoted, FileDescriptor = descriptor };
    }

    /// <summary>Splits like a shell but keeps quotes and escapes in the words. A quote that never ends leaves no words at all.</summary>
    private static List<string> RawWords(string line)
    {
        var words = new List<string>();
        int start = -1;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\0' && WhiteSpace.IsSpace(c))
            {
                if (start >= 0)
                {
                    words.Add(line[start..i]);
                    start = -1;
                }

                continue;
            }

            start = start < 0 ? i : start;
            if (c == '\\' && quote != '\'')
            {
                i++;
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == quote)
            {
                quote = '\0';
            }
        }

        if (quote != '\0')
        {
            return [];
        }

        if (start >= 0)
        {
            words.Add(line[start..]);
        }

        return words;
    }

    private static string? Unquote(string text, out bool quoted)
    {
        var name = new StringBuilder(text.Length);
        char quote = '\0';
        quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && quote != '\'')
            {
                // Unlike in a shell, an escape does not count as a quote.
                if (++i < text.Length)
                {
                    name.Append(text[i]);
                }
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quoted = true;
                quote = c;
            }
            else if (c == quote && quote != '\0')
            {
                quote = '\0';
            }
            else if (quote == '\0' && WhiteSpace.IsSpace(c))
            {
                return null;
            }
            else
            {
                name.Append(c);
            }
        }

        return quote == '\0' ? name.ToString() : null;
    }
}
