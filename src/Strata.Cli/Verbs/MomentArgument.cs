using System.CommandLine.Parsing;
using System.Globalization;
using Strata.Cli.Rendering;

namespace Strata.Cli.Verbs;

/// <summary>A moment as <c>logs --since</c> and <c>prune --filter until=</c> take it: a time, of here where it names no zone; seconds since 1970; or how long ago (10m, 1h30m, 7d).</summary>
internal static class MomentArgument
{
    private const DateTimeStyles Styles = DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;

    public static DateTimeOffset? Parse(ArgumentResult result, string option, TimeProvider time)
    {
        var text = result.Tokens[^1].Value;
        if (TryParse(text, time.GetUtcNow(), out var moment))
        {
            return moment;
        }
        result.AddError($"'{text}' is no time: {option} takes one such as 2026-01-31T08:00:00Z, or how long ago: 10m, 1h30m, 7d");
        return null;
    }

    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset moment)
    {
        const double longest = 100 * 365.0 * 24 * 3600;
        if (Quantities.TryParseTime(text, out var age))
        {
            var isMoment = age < now - DateTimeOffset.MinValue;
            moment = isMoment ? now - age : default;
            return isMoment;
        }
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= longest)
        {
            moment = DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds);
            return true;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Styles, out moment) && text.Contains('-', StringComparison.Ordinal);
    }
}
