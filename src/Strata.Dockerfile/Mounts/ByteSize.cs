using System.Buffers;
using System.Globalization;

namespace Strata.Dockerfile;

/// <summary>Sizes of memory as Docker writes them: <c>1048576</c>, <c>64m</c>, <c>1.5GB</c>; units are powers of 1024.</summary>
internal static class ByteSize
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        int digits = text.AsSpan().LastIndexOfAny(NumberCharacters) + 1;
        int shift = text[digits..].Trim().ToLowerInvariant() switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 10,
            "m" or "mb" or "mib" => 20,
            "g" or "gb" or "gib" => 30,
            "t" or "tb" or "tib" => 40,
            "p" or "pb" or "pib" => 50,
            _ => -1,
        };
        if (shift < 0
            || !double.TryParse(text.AsSpan(..digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            || number * (1L << shift) >= long.MaxValue)
        {
            return false;
        }

        bytes = (long)(number * (1L << shift));
        return true;
    }
}
