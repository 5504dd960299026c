namespace Strata.Dockerfile;

/// <summary>The two ideas of white space in the language: Unicode's (trimming) and the ASCII blanks that separate words.</summary>
internal static class WhiteSpace
{
    /// <summary>What Go calls a space: Unicode's White_Space, which has no U+001C..U+001F, unlike .NET's.</summary>
    public static bool IsSpace(char c) => c is not (>= '\u001c' and <= '\u001f') && char.IsWhiteSpace(c);

    /// <summary>Separates words of an argument list. A line feed does not: it can only come from a heredoc.</summary>
    public static bool IsBlank(char c) => c is '\t' or '\v' or '\f' or '\r' or ' ';

    public static string Trim(string text) => TrimEnd(TrimStart(text));

    public static string TrimStart(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    public static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    public static int IndexOfBlank(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (IsBlank(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Cuts at the first run of blanks; <paramref name="rest"/> is null when there is none.</summary>
    public static string CutAtBlank(string text, out string? rest)
    {
        int start = IndexOfBlank(text);
        if (start < 0)
        {
            rest = null;
            return text;
        }

        int end = start;
        while (end < text.Length && IsBlank(text[end]))
        {
            end++;
        }

        rest = text[end..];
        return text[..start];
    }
}
