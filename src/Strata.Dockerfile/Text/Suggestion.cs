namespace Strata.Dockerfile;

/// <summary>Finds what somebody probably meant: the nearest word by Levenshtein distance; two swapped letters are one change.</summary>
public static class Suggestion
{
    private const int MaxDistance = 2;

    /// <summary>
    /// The nearest of <paramref name="candidates"/>, the first of several; null where none is near enough, or one is the word itself.
    /// A word that differs in case alone is as near as can be when case is ignored.
    /// </summary>
    public static string? For(string word, IEnumerable<string> candidates, bool ignoreCase = false)
    {
        string wanted = ignoreCase ? word.ToUpperInvariant() : word;
        string? best = null;
        int bestDistance = MaxDistance + 1;
        foreach (string candidate in candidates)
        {
            if (candidate == word)
            {
                return null;
            }

            string other = ignoreCase ? candidate.ToUpperInvariant() : candidate;
            if (Math.Abs(other.Length - wanted.Length) >= bestDistance)
            {
                continue;
            }

            int distance = Distance(wanted, other);
            // Of a short word nothing would be left: "top" is not a slip of "tag".
            if (distance < bestDistance && distance * 2 <= wanted.Length)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best;
    }

    public static string? Hint(string word, IEnumerable<string> candidates, bool ignoreCase = true, string prefix = "") =>
        For(word, candidates, ignoreCase) is { } match ? $"did you mean {prefix}{match}?" : null;

    private static int Distance(string a, string b)
    {
        int[] beforePrevious = new int[b.Length + 1];
        int[] previous = new int[b.Length + 1];
        int[] current = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    current[j] = Math.Min(current[j], beforePrevious[j - 2] + 1);
                }
            }

            (beforePrevious, previous, current) = (previous, current, beforePrevious);
        }

        return previous[b.Length];
    }
}
