using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Repositories that had content, by what was pulled from them and pushed to them, and by the names of images.</summary>
internal static class ContentOrigins
{
    private const string ThisMachine = "localhost";

    public static int Note(SqliteSession session, Digest manifest, Reference repository, long now) => session.Execute(
        """
        INSERT INTO origins(manifest, repository, seen) SELECT digest, ?2, ?3 FROM manifests WHERE digest=?1
        ON CONFLICT DO UPDATE SET seen=excluded.seen
        """,
        manifest.ToString(),
        (repository with { Tag = null, Digest = null }).ToString(),
        now);

    /// <summary>Of a blob or a manifest, the one seen last first.</summary>
    public static IReadOnlyList<Reference> Of(SqliteSession session, Digest content) => session.Query(
        """
        WITH RECURSIVE holders(digest) AS (
            SELECT ?1
            UNION SELECT manifest FROM manifest_blobs WHERE blob=?1
            UNION SELECT parent FROM holders JOIN manifest_children ON child=holders.digest)
        SELECT repository, max(seen) FROM (
            SELECT repository, seen FROM holders JOIN origins ON manifest=holders.digest
            UNION ALL SELECT name, 0 FROM holders JOIN names ON names.manifest=holders.digest)
        GROUP BY repository ORDER BY 2 DESC, 1
        """,
        static row => Reference.Parse(row.Text(0)) with { Tag = null, Digest = null },
        content.ToString()).Where(repository => repository.Registry != ThisMachine).Distinct().ToList();
}
