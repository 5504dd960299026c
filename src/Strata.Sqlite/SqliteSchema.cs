namespace Strata.Sqlite;

/// <summary>
/// What a database holds. <paramref name="Migrations"/> are SQL scripts in order; a database at version <c>n</c> (its <c>user_version</c>)
/// has had the first <c>n</c> of them. A migration that has been released is never edited.
/// </summary>
/// <param name="ApplicationId">Written into the file's header, so that nobody else's database is taken for ours.</param>
/// <param name="Subject">What the database is called in sentences: "store", "registry".</param>
/// <param name="Migrations">The scripts.</param>
public sealed record SqliteSchema(int ApplicationId, string Subject, IReadOnlyList<string> Migrations)
{
    /// <summary>A file that carries two numbers has the lower one in the lower half.</summary>
    private const int Half = 16;

    public int Version => Migrations.Count;

    /// <summary>
    /// How many of the migrations a program must know to work on the database. Those behind only add tables, columns that may be left out,
    /// and indexes: a program that does not know them works on beside one that does.
    /// </summary>
    public int Needed
    {
        get => field > 0 ? field : Version;
        init;
    }

    /// <summary>What the file's <c>user_version</c> says: the version, above it what is needed where that is less.</summary>
    internal int Stamp => Needed < Version ? Version | (Needed << Half) : Version;

    internal static (int Version, int Needed) Read(int stamp)
    {
        var (version, needed) = (stamp & ((1 << Half) - 1), stamp >> Half);
        return (version, needed > 0 ? needed : version);
    }

    /// <summary>Ends the sentence that says the disk is full.</summary>
    public string WhenFull { get; init; } = "Free some space and try again";

    /// <summary>There is no file: every connection begins with empty tables, and what it writes goes with it.</summary>
    public bool IsInMemory { get; init; }
}
