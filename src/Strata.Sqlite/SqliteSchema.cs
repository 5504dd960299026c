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
    public int Version => Migrations.Count;

    /// <summary>Ends the sentence that says the disk is full.</summary>
    public string WhenFull { get; init; } = "Free some space and try again";

    /// <summary>There is no file: every connection begins with empty tables, and what it writes goes with it.</summary>
    public bool IsInMemory { get; init; }
}
