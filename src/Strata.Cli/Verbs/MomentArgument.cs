using System.Buffers;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Strata.Cli.Verbs;

/// <summary>A moment as <c>logs --since</c> takes it: a time, seconds since 1970, or how long ago (10m, 1h30m).</summary>
internal static class MomentArgument
{
    private const DateTimeStyles Styles = DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static DateTimeOffset? Parse(ArgumentResult result, string option, TimeProvider time)
    {
        var text = result.Tokens[^1].Value;
        if (TryParse(text, time, out var moment))
        {
            return moment;
        }
        result.AddError($"'{text}' is no time: {option} takes one such as 2026-01-31T08:00:00Z, or how long ago: 10m, 1h30m");
        return null;
    }

    private static bool TryParse(string text, TimeProvider time, out DateTimeOffset moment)
    {
        const double longest = 100 * 365.0 * 24 * 3600;
        if (TryParseAge(text, out var age))
        {
            moment = time.GetUtcNow() - age;
            return true;
        }
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= longest)
        {
            moment = DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds);
            return true;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Styles, out moment) && text.Contains('-', StringComparison.Ordinal);
    }

    /// <summary>Numbers with units, as Go writes durations: 1h30m, 45s, 500ms.</summary>
    private static bool TryParseAge(string text, out TimeSpan age)
    {
        const double longestHours = 1_000_000;
        age = default;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }
            rest = rest[digits..];
            var letters = rest.IndexOfAny(Digits) is >= 0 and var next ? next : rest.Length;
            var hours = rest[..letters] switch
            {
                "h" => number,
                "m" => number / 60,
                "s" => number / 3600,
                "ms" => number / 3_600_000,
                _ => double.NaN,
            };
            if (!(age.TotalHours + hours < longestHours))
            {
                return false;
            }
            age += TimeSpan.FromHours(hours);
            rest = rest[letters..];
        }
        return text.Length > 0;
    }
}
