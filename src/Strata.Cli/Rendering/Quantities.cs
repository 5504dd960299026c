using System.Globalization;

namespace Strata.Cli.Rendering;

/// <summary>Times and sizes as people type them: 36h, 1h30m, 2d; 500MB, 1.5GiB.</summary>
internal static class Quantities
{
    private static readonly (string Unit, double Seconds)[] Times =
        [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 24 * 3600), ("w", 7 * 24 * 3600)];

    private static readonly (string Unit, double Bytes)[] Sizes =
    [
        ("kib", 1024), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1L << 40), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12),
        ("b", 1), ("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12), ("", 1),
    ];

    public static bool TryParseTime(string text, out TimeSpan time)
    {
        var seconds = 0.0;
        var rest = text;
        while (rest.Length > 0)
        {
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            var letters = rest.Skip(digits).TakeWhile(char.IsAsciiLetterLower).Count();
            var unit = Array.Find(Times, known => known.Unit == rest.Substring(digits, letters));
            if (unit.Unit is null || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                break;
            }
            seconds += number * unit.Seconds;
            rest = rest[(digits + letters)..];
        }
        var isTime = text.Length > 0 && rest.Length == 0 && seconds <= TimeSpan.MaxValue.TotalSeconds / 2;
        time = isTime ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        return isTime;
    }

    public static bool TryParseSize(string text, out long bytes)
    {
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var unit = Array.Find(Sizes, known => string.Equals(known.Unit, text[digits..].Trim(), StringComparison.OrdinalIgnoreCase));
        bytes = 0;
        if (unit.Unit is null || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number * unit.Bytes > long.MaxValue / 2)
        {
            return false;
        }
        bytes = (long)(number * unit.Bytes);
        return true;
    }
}
