using System.Globalization;

namespace Strata.Cli.Rendering;

/// <summary>Sizes and times as people read them.</summary>
internal static class Amounts
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>Decimal units with three or four significant digits, as docker writes sizes: 1.21MB.</summary>
    public static string Size(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 1000 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes}B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:G3}{Units[unit]}") is var text && text.Contains('E', StringComparison.Ordinal)
                ? string.Create(CultureInfo.InvariantCulture, $"{value:F0}{Units[unit]}")
                : string.Create(CultureInfo.InvariantCulture, $"{value:0.##}{Units[unit]}");
    }

    public static string Seconds(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m{time.Seconds:00}s");

    /// <summary>How long ago, in docker's words: "3 minutes ago".</summary>
    public static string Ago(DateTimeOffset? then, DateTimeOffset now) => then is { } time ? Age(now - time) + " ago" : "N/A";

    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "Less than a second",
        { TotalSeconds: < 2 } => "1 second",
        { TotalSeconds: < 60 } => $"{(int)age.TotalSeconds} seconds",
        { TotalMinutes: < 2 } => "About a minute",
        { TotalMinutes: < 46 } => $"{(int)age.TotalMinutes} minutes",
        { TotalHours: < 1.5 } => "About an hour",
        { TotalHours: < 48 } => $"{(int)Math.Round(age.TotalHours)} hours",
        { TotalDays: < 14 } => $"{(int)age.TotalDays} days",
        { TotalDays: < 60 } => $"{(int)(age.TotalDays / 7)} weeks",
        { TotalDays: < 730 } => $"{(int)(age.TotalDays / 30)} months",
        _ => $"{(int)(age.TotalDays / 365)} years",
    };
}
