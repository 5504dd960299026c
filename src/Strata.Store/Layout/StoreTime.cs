namespace Strata.Store;

/// <summary>Times in rows: milliseconds since 1970 UTC.</summary>
internal static class StoreTime
{
    public static long Now(this TimeProvider clock) => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public static DateTimeOffset FromRow(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? FromRow(long? milliseconds) => milliseconds is { } known ? FromRow(known) : null;
}
