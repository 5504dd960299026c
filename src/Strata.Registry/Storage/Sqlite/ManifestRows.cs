using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Registry.Storage.Sqlite;

/// <summary>The manifests of repositories, with their bytes.</summary>
internal static class ManifestRows
{
    public static PutManifestResult Put(SqliteSession session, PutManifest command)
    {
        var known = RepositoryRows.Find(session, command.Repository);
        var lacking = Lacking(session, known, command);
        if (lacking.Count > 0)
        {
            return new PutManifestResult.Lacking(lacking);
        }
        var repository = known ?? RepositoryRows.Ensure(session, command.Repository, command.At);
        var id = session.Number(
            """
            INSERT INTO manifests(repository_id, digest, media_type, subject, artifact_type, annotations, pushed_by, pushed_at, content)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT(repository_id, digest) DO UPDATE SET media_type = excluded.media_type, artifact_type = excluded.artifact_type,
                pushed_by = excluded.pushed_by, pushed_at = excluded.pushed_at
            RETURNING id
            """,
            repository, command.Digest.ToString(), command.MediaType, command.Subject?.ToString(), command.ArtifactType, command.Annotations,
            command.By, Millis.Of(command.At), command.Content)!.Value;
        foreach (var tag in command.Tags)
        {
            TagRows.Point(session, new TagTarget(repository, tag, id, command.Digest), command.By, command.At);
        }
        return new PutManifestResult.Stored();
    }

    public static ManifestEntry? Find(SqliteSession session, RepositoryName repository, Digest digest) => session.First(
        """
        SELECT m.id, m.digest, m.media_type, length(m.content) FROM repositories r JOIN manifests m ON m.repository_id = r.id
        WHERE r.name = ?1 AND m.digest = ?2
        """,
        ReadEntry, repository.ToString(), digest.ToString());

    public static ManifestEntry? Find(SqliteSession session, RepositoryName repository, Tag tag) => session.First(
        """
        SELECT m.id, m.digest, m.media_type, length(m.content)
        FROM repositories r JOIN tags t ON t.repository_id = r.id JOIN manifests m ON m.id = t.manifest_id
        WHERE r.name = ?1 AND t.name = ?2
        """,
        ReadEntry, repository.ToString(), tag.ToString());

    public static byte[]? Content(SqliteSession session, long id) =>
        session.First("SELECT content FROM manifests WHERE id = ?1", static row => row.Blob(0), id);

    public static bool Delete(SqliteSession session, DeleteManifest command)
    {
        if (RepositoryRows.Find(session, command.Repository) is not { } repository || IdOf(session, repository, command.Digest) is not { } id)
        {
            return false;
        }
        foreach (var tag in session.Query("SELECT name FROM tags WHERE manifest_id = ?1", static row => row.Text(0), id))
        {
            TagRows.Remove(session, repository, Tag.Parse(tag), command.By, command.At);
        }
        session.Execute("DELETE FROM manifests WHERE id = ?1", id);
        return true;
    }

    public static IReadOnlyList<Referrer> Referrers(SqliteSession session, RepositoryName repository, Digest subject, string? artifactType, long after, int count) => session.Query(
        """
        SELECT m.id, m.digest, m.media_type, length(m.content), m.artifact_type, m.annotations
        FROM repositories r JOIN manifests m ON m.repository_id = r.id
        WHERE r.name = ?1 AND m.subject = ?2 AND m.id > ?3 AND (?4 IS NULL OR m.artifact_type = ?4)
        ORDER BY m.id LIMIT ?5
        """,
        static row => new Referrer(ReadEntry(row), row.TextOrNull(4), row.TextOrNull(5)),
        repository.ToString(), subject.ToString(), after, artifactType, count);

    public static long? IdOf(SqliteSession session, long repository, Digest digest) =>
        session.Number("SELECT id FROM manifests WHERE repository_id = ?1 AND digest = ?2", repository, digest.ToString());

    private static List<Digest> Lacking(SqliteSession session, long? repository, PutManifest command)
    {
        bool HasBlob(Digest digest) => repository is { } id && BlobRows.IsLinked(session, id, digest.ToString());
        bool HasManifest(Digest digest) => repository is { } id && IdOf(session, id, digest) is not null;
        return [.. command.Blobs.Where(d => !HasBlob(d)), .. command.Children.Where(d => !HasManifest(d) && !HasBlob(d))];
    }

    private static ManifestEntry ReadEntry(SqliteRow row) => new(row.Long(0), Digest.Parse(row.Text(1)), row.Text(2), row.Long(3));
}
