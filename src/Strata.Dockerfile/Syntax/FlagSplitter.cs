using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>Takes the leading <c>--flag</c> words off the arguments of an instruction.</summary>
internal static class FlagSplitter
{
    /// <summary>
    /// Quotes are removed and a backslash (whatever the escape directive says) takes the next character.
    /// A bare <c>--</c> ends the flags and disappears.
    /// </summary>
    public static ImmutableArray<string> Split(string text, out string rest)
    {
        var flags = ImmutableArray.CreateBuilder<string>();
        int position = 0;
        while (true)
        {
            while (position < text.Length && WhiteSpace.IsSpace(text[position]))
            {
                position++;
            }

            if (position + 1 >= text.Length || text[position] != '-' || text[position + 1] != '-')
            {
                break;
            }

            string flag = ReadWord(text, ref position);
            if (flag == "--")
            {
                break;
            }

            flags.Add(flag);
        }

        rest = WhiteSpace.Trim(text[position..]);
        return flags.ToImmutable();
    }

    private static string ReadWord(string text, ref int position)
    {
        var word = new StringBuilder();
        char quote = '\0';
        for (; position < text.Length; position++)
        {
            char c = text[position];
            if (quote == '\0' && WhiteSpace.IsSpace(c))
            {
                break;
            }

            if (c == '\\')
            {
                if (++position < text.Length)
                {
                    word.Append(text[position]);
                }
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else
            {
                word.Append(c);
            }
        }

        position = Math.Min(position, text.Length);
        return word.ToString();
    }
}
