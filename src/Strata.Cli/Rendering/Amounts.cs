using System.Globalization;

namespace Strata.Cli.Rendering;

/// <summary>Sizes and times as people read them.</summary>
internal static class Amounts
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>Decimal units with up to four significant digits, as docker writes sizes: 1.21MB, 370.3MB.</summary>
    public static string Size(long bytes)
    {
        // What would be rounded to 1000 of a unit is 1 of the next.
        const double roundedToThousand = 999.95;
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= (unit == 0 ? 1000 : roundedToThousand) && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{value:G4}{Units[unit]}");
    }

    public static string Seconds(TimeSpan time)
    {
        // What would be rounded to 60 seconds is a minute.
        const double roundedToMinute = 59.95;
        if (time.TotalSeconds < roundedToMinute)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0}s");
        }
        var seconds = (long)Math.Round(time.TotalSeconds);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60:00}s");
    }

    /// <summary>How long ago, in docker's words: "3 minutes ago".</summary>
    public static string Ago(DateTimeOffset? then, DateTimeOffset now) => then is { } time ? Age(now - time) + " ago" : "N/A";

    public static string Age(TimeSpan age)
    {
        // Docker's steps: hours are rounded, all else is cut.
        var hours = (long)(age.TotalHours + 0.5);
        return age switch
        {
            { TotalSeconds: < 1 } => "Less than a second",
            { TotalSeconds: < 2 } => "1 second",
            { TotalMinutes: < 1 } => $"{(int)age.TotalSeconds} seconds",
            { TotalMinutes: < 2 } => "About a minute",
            { TotalHours: < 1 } => $"{(int)age.TotalMinutes} minutes",
            _ when hours == 1 => "About an hour",
            _ when hours < 48 => $"{hours} hours",
            _ when hours < 24 * 7 * 2 => $"{hours / 24} days",
            _ when hours < 24 * 30 * 2 => $"{hours / 24 / 7} weeks",
            _ when hours < 24 * 365 * 2 => $"{hours / 24 / 30} months",
            _ => $"{(long)age.TotalHours / 24 / 365} years",
        };
    }
}
