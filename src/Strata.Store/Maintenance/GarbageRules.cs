using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// What is garbage. In every rule ?1 are the leases, ?2 the keys to look at (NULL for all), ?3 the time before which, ?4 the limit.
/// The order matters: each rule frees what the next may find.
/// </summary>
internal static class GarbageRules
{
    private const string LeaseTest = "IN (SELECT value FROM json_each(?1))";

    /// <summary>Images that are held by an index that has a name, for whatever platform.</summary>
    private const string HeldByNames = """
        WITH RECURSIVE held(digest) AS (
            SELECT manifest FROM names WHERE manifest IS NOT NULL
            UNION SELECT child FROM manifest_children JOIN held ON parent=held.digest)
        """;

    /// <summary>Images that have no name and that no container is made of.</summary>
    public static GarbageRule DanglingImages { get; } = new(
        GarbageKind.Image,
        $"""
        {HeldByNames}
        SELECT id, 0 FROM images
        WHERE (?2 IS NULL OR id IN (SELECT value FROM json_each(?2))) AND added<?3
            AND NOT EXISTS(SELECT 1 FROM names WHERE image=images.id)
            AND NOT EXISTS(SELECT 1 FROM containers WHERE image=images.id)
            AND id NOT IN (SELECT image FROM manifests JOIN held ON held.digest=manifests.digest WHERE image IS NOT NULL)
            AND 'image:' || id NOT {LeaseTest} LIMIT ?4
        """,
        static (session, id) => session.Execute("DELETE FROM images WHERE id=?1", id));

    public static GarbageRule BuildSteps { get; } = new(
        GarbageKind.BuildStep,
        $"""
        SELECT key, 0 FROM build_steps
        WHERE (?2 IS NULL OR key IN (SELECT value FROM json_each(?2))) AND last_used<?3
            AND NOT EXISTS(SELECT 1 FROM build_step_layers mine WHERE mine.key=build_steps.key AND 'layer:' || mine.diff_id {LeaseTest}) LIMIT ?4
        """,
        static (session, key) => session.Execute("DELETE FROM build_steps WHERE key=?1", key));

    public static GarbageRule Layers { get; } = new(
        GarbageKind.Layer,
        $"""
        SELECT diff_id, 0 FROM layers
        WHERE (?2 IS NULL OR diff_id IN (SELECT value FROM json_each(?2))) AND ?3 IS NOT NULL
            AND NOT EXISTS(SELECT 1 FROM image_layers theirs WHERE theirs.diff_id=layers.diff_id)
            AND NOT EXISTS(SELECT 1 FROM build_step_layers theirs WHERE theirs.diff_id=layers.diff_id)
            AND 'layer:' || diff_id NOT {LeaseTest} LIMIT ?4
        """,
        static (session, diffId) => session.Execute("DELETE FROM layers WHERE diff_id=?1", diffId));

    /// <summary>Indexes of which nothing is left.</summary>
    public static GarbageRule Indexes { get; } = new(
        GarbageKind.Index,
        $"""
        SELECT digest, length(raw) FROM manifests parent
        WHERE image IS NULL AND (?2 IS NULL OR digest IN (SELECT value FROM json_each(?2))) AND ?3 IS NOT NULL
            AND NOT EXISTS(SELECT 1 FROM names WHERE manifest=parent.digest)
            AND NOT EXISTS(SELECT 1 FROM manifest_children child JOIN manifests ON manifests.digest=child.child WHERE child.parent=parent.digest)
            AND 'manifest:' || digest NOT {LeaseTest} LIMIT ?4
        """,
        static (session, digest) => session.Execute("DELETE FROM manifests WHERE digest=?1", digest));

    public static GarbageRule Blobs { get; } = new(
        GarbageKind.Blob,
        $"""
        SELECT digest, size FROM blobs
        WHERE (?2 IS NULL OR digest IN (SELECT value FROM json_each(?2))) AND ?3 IS NOT NULL
            AND NOT EXISTS(SELECT 1 FROM layer_bodies WHERE blob=blobs.digest)
            AND NOT EXISTS(SELECT 1 FROM manifest_blobs WHERE blob=blobs.digest)
            AND NOT EXISTS(SELECT 1 FROM images WHERE id=blobs.digest)
            AND digest NOT {LeaseTest} LIMIT ?4
        """,
        static (session, digest) => session.Execute("DELETE FROM blobs WHERE digest=?1", digest));

    /// <summary>Snapshots of layers that are gone.</summary>
    public static GarbageRule OrphanedSnapshots { get; } = new(
        GarbageKind.Snapshot,
        $"""
        SELECT directory, size FROM snapshots
        WHERE (?2 IS NULL OR diff_id IN (SELECT value FROM json_each(?2))) AND ?3 IS NOT NULL
            AND NOT EXISTS(SELECT 1 FROM layers WHERE layers.diff_id=snapshots.diff_id)
            AND 'snapshot:' || directory NOT {LeaseTest} LIMIT ?4
        """,
        static (session, directory) => session.Execute("DELETE FROM snapshots WHERE directory=?1", directory));

    /// <summary>Snapshots that no container needs; they are made again when something does.</summary>
    public static GarbageRule IdleSnapshots { get; } = OrphanedSnapshots with
    {
        Select = $"""
            SELECT directory, size FROM snapshots
            WHERE (?2 IS NULL OR diff_id IN (SELECT value FROM json_each(?2))) AND last_used<?3
                AND NOT EXISTS(
                    SELECT 1 FROM image_layers JOIN containers ON containers.image=image_layers.image WHERE image_layers.diff_id=snapshots.diff_id)
                AND 'snapshot:' || directory NOT {LeaseTest} LIMIT ?4
            """,
    };

    /// <summary>As <see cref="DanglingImages"/>, whether they have names or not.</summary>
    public static GarbageRule UnusedImages(NameStore names) => DanglingImages with
    {
        Select = $"""
            SELECT id, 0 FROM images
            WHERE (?2 IS NULL OR id IN (SELECT value FROM json_each(?2))) AND added<?3
                AND NOT EXISTS(SELECT 1 FROM containers WHERE image=images.id)
                AND 'image:' || id NOT {LeaseTest} LIMIT ?4
            """,
        Delete = (session, id) =>
        {
            foreach (var name in session.Query("SELECT name FROM names WHERE image=?1", static row => row.Text(0), id))
            {
                names.Remove(session, name);
            }
            session.Execute("DELETE FROM images WHERE id=?1", id);
        },
    };

    /// <summary>The parts of images that are gone.</summary>
    public static IReadOnlyList<GarbageRule> Content { get; } = [Layers, Indexes, Blobs, OrphanedSnapshots];

    public static Digest? ContentOf(Garbage garbage) => garbage.Kind is GarbageKind.Image or GarbageKind.Layer ? Digest.Parse(garbage.Key) : null;
}
