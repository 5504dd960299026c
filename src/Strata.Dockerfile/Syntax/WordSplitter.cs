using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>Splits the arguments of ENV, LABEL, ARG into words; quotes and escapes stay in the words for the expansion to see.</summary>
internal static class WordSplitter
{
    public static ImmutableArray<string> Split(string text, char escape)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '\0' && WhiteSpace.IsSpace(c))
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                }

                continue;
            }

            if (c == escape && quote != '\'')
            {
                // An escape with nothing behind it disappears.
                if (i + 1 < text.Length)
                {
                    word.Append(c).Append(text[++i]);
                    inWord = true;
                }

                continue;
            }

            if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }

            word.Append(c);
            inWord = true;
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return words.ToImmutable();
    }
}
