using Strata.Linux;

namespace Strata.Build;

/// <summary>Times from inputs: the latest of several, and the latest allowed.</summary>
internal static class FileTimes
{
    public static FileTime Latest(this FileTime one, FileTime other) => Compare(one, other) >= 0 ? one : other;

    public static FileTime Clamp(this FileTime time, FileTime? latest) => latest is { } bound && Compare(time, bound) > 0 ? bound : time;

    public static FileTime Of(DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds();
        var ticks = (time - DateTimeOffset.FromUnixTimeSeconds(seconds)).Ticks;
        return new FileTime(seconds, (uint)(ticks * TimeSpan.NanosecondsPerTick));
    }

    /// <summary>Times no calendar has come out as its nearest end.</summary>
    public static DateTimeOffset ToCalendar(this FileTime time)
    {
        var seconds = Math.Clamp(time.Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1);
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    private static int Compare(FileTime one, FileTime other) =>
        one.Seconds != other.Seconds ? one.Seconds.CompareTo(other.Seconds) : one.Nanoseconds.CompareTo(other.Nanoseconds);
}
