namespace Strata.Sqlite;

public sealed record SqliteOptions
{
    public static SqliteOptions Default { get; } = new();

    /// <summary>How long a write waits for another process's write to end.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Read connections that are kept open between reads; more are opened while more are needed.</summary>
    public int KeptReaders { get; init; } = 8;
}
