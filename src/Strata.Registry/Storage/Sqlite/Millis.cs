namespace Strata.Registry.Storage.Sqlite;

/// <summary>Times as the database keeps them.</summary>
internal static class Millis
{
    public static long Of(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(long millis) => DateTimeOffset.FromUnixTimeMilliseconds(millis);
}
