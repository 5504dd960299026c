using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>The repositories: one is there from its first blob or manifest on.</summary>
internal static class RepositoryRows
{
    public static long? Find(SqliteSession session, RepositoryName name) =>
        session.Number("SELECT id FROM repositories WHERE name = ?1", name.ToString());

    public static long Ensure(SqliteSession session, RepositoryName name, DateTimeOffset at)
    {
        if (Find(session, name) is { } id)
        {
            return id;
        }
        session.Execute("INSERT INTO repositories(name, created_at) VALUES(?1, ?2)", name.ToString(), Millis.Of(at));
        return session.LastInsertId;
    }

    public static IReadOnlyList<string> List(SqliteSession session, string after, int count) =>
        session.Query("SELECT name FROM repositories WHERE name > ?1 ORDER BY name LIMIT ?2", static row => row.Text(0), after, count);
}
