using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>Blobs, the repositories that show them, and the places to be emptied.</summary>
internal static class BlobRows
{
    public static void Link(SqliteSession session, RepositoryName repository, long blob, string by, DateTimeOffset at) => session.Execute(
        "INSERT OR IGNORE INTO blob_links(repository_id, blob_id, linked_by, linked_at) VALUES(?1, ?2, ?3, ?4)",
        RepositoryRows.Ensure(session, repository, at), blob, by, Millis.Of(at));

    public static bool Mount(SqliteSession session, MountBlob command)
    {
        if (IdOf(session, command.From, command.Digest) is not { } blob)
        {
            return false;
        }
        Link(session, command.Repository, blob, command.By, command.At);
        return true;
    }

    public static BlobLocation? Find(SqliteSession session, RepositoryName repository, Digest digest) => session.First(
        """
        SELECT b.place, b.size FROM blobs b JOIN blob_links l ON l.blob_id = b.id JOIN repositories r ON r.id = l.repository_id
        WHERE b.digest = ?1 AND r.name = ?2
        """,
        static row => new BlobLocation(BlobPlace.Parse(row.Text(0)), row.Long(1)),
        digest.ToString(), repository.ToString());

    public static bool Unlink(SqliteSession session, RepositoryName repository, Digest digest)
    {
        if (IdOf(session, repository, digest) is not { } blob)
        {
            return false;
        }
        session.Execute(
            "DELETE FROM blob_links WHERE blob_id = ?1 AND repository_id = (SELECT id FROM repositories WHERE name = ?2)",
            blob, repository.ToString());
        if (!session.Any("SELECT 1 FROM blob_links WHERE blob_id = ?1", blob))
        {
            Doom(session, session.Text("SELECT place FROM blobs WHERE id = ?1", blob)!);
            session.Execute("DELETE FROM blobs WHERE id = ?1", blob);
        }
        return true;
    }

    public static bool IsLinked(SqliteSession session, long repository, string digest) => session.Any(
        "SELECT 1 FROM blobs b JOIN blob_links l ON l.blob_id = b.id WHERE b.digest = ?1 AND l.repository_id = ?2",
        digest, repository);

    public static void Doom(SqliteSession session, string place) => session.Execute("INSERT OR IGNORE INTO doomed_places(place) VALUES(?1)", place);

    public static IReadOnlyList<BlobPlace> Doomed(SqliteSession session, int count) =>
        session.Query("SELECT place FROM doomed_places LIMIT ?1", static row => BlobPlace.Parse(row.Text(0)), count);

    public static bool Forget(SqliteSession session, IReadOnlyList<BlobPlace> places)
    {
        foreach (var place in places)
        {
            session.Execute("DELETE FROM doomed_places WHERE place = ?1", place.ToString());
        }
        return true;
    }

    private static long? IdOf(SqliteSession session, RepositoryName repository, Digest digest) => session.Number(
        """
        SELECT b.id FROM blobs b JOIN blob_links l ON l.blob_id = b.id JOIN repositories r ON r.id = l.repository_id
        WHERE b.digest = ?1 AND r.name = ?2
        """,
        digest.ToString(), repository.ToString());
}
