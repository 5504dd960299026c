using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>What is garbage. The order matters: each rule frees what the next may find.</summary>
internal static class GarbageRules
{
    private const string Always = "?2 IS NOT NULL";

    /// <summary>Images that are held by an index that has a name, for whatever platform.</summary>
    private const string HeldByNames = """
        WITH RECURSIVE held(digest) AS (
            SELECT manifest FROM names WHERE manifest IS NOT NULL
            UNION SELECT child FROM manifest_children JOIN held ON parent=held.digest)
        """;

    /// <summary>Images that have no name and that no container is made of.</summary>
    public static GarbageRule DanglingImages { get; } = new(GarbageKind.Image, "images", "id")
    {
        Condition = $"""
            os IS NOT NULL AND coalesce(last_used, added)<?2
                AND NOT EXISTS(SELECT 1 FROM names WHERE image=images.id)
                AND NOT EXISTS(SELECT 1 FROM containers WHERE image=images.id)
                AND id NOT IN (SELECT image FROM manifests JOIN held ON held.digest=manifests.digest WHERE image IS NOT NULL)
                AND 'image:' || id NOT {GarbageRule.Leased}
            """,
        Delete = static (session, id) => session.Execute("DELETE FROM images WHERE id=?1", id),
        With = HeldByNames,
    };

    public static GarbageRule BuildSteps { get; } = new(GarbageKind.BuildStep, "build_steps", "key")
    {
        Condition = $"last_used<?2 AND NOT EXISTS(SELECT 1 FROM build_step_layers mine WHERE mine.key=build_steps.key AND 'layer:' || mine.diff_id {GarbageRule.Leased})",
        Delete = static (session, key) => session.Execute("DELETE FROM build_steps WHERE key=?1", key),
    };

    public static GarbageRule Layers { get; } = new(GarbageKind.Layer, "layers", "diff_id")
    {
        Condition = $"""
            {Always}
                AND NOT EXISTS(SELECT 1 FROM image_layers theirs WHERE theirs.diff_id=layers.diff_id)
                AND NOT EXISTS(SELECT 1 FROM build_step_layers theirs WHERE theirs.diff_id=layers.diff_id)
                AND 'layer:' || diff_id NOT {GarbageRule.Leased}
            """,
        Delete = static (session, diffId) => session.Execute("DELETE FROM layers WHERE diff_id=?1", diffId),
    };

    /// <summary>
    /// Indexes of which nothing is left, and artifacts: what is attached stays as long as what it is attached to, what an index lists as long
    /// as that is held by something else than the artifacts in it.
    /// </summary>
    public static GarbageRule Manifests { get; } = new(GarbageKind.Manifest, "manifests", "digest")
    {
        Bytes = "length(raw)",
        Condition = $"""
            {Always}
                AND NOT EXISTS(SELECT 1 FROM images theirs WHERE theirs.id=manifests.image AND theirs.os IS NOT NULL)
                AND NOT EXISTS(SELECT 1 FROM names WHERE manifest=manifests.digest)
                AND NOT EXISTS(SELECT 1 FROM manifest_children child JOIN manifests theirs ON theirs.digest=child.child WHERE child.parent=manifests.digest)
                AND NOT EXISTS(SELECT 1 FROM manifests theirs WHERE theirs.digest=manifests.subject)
                AND NOT EXISTS(
                    SELECT 1 FROM manifest_children mine JOIN manifests parent ON parent.digest=mine.parent WHERE mine.child=manifests.digest AND (
                        EXISTS(SELECT 1 FROM names WHERE manifest=parent.digest)
                        OR EXISTS(SELECT 1 FROM manifests theirs WHERE theirs.digest=parent.subject)
                        OR EXISTS(SELECT 1 FROM manifest_children above JOIN manifests theirs ON theirs.digest=above.parent WHERE above.child=parent.digest)
                        OR EXISTS(
                            SELECT 1 FROM manifest_children child JOIN manifests theirs ON theirs.digest=child.child JOIN images ON images.id=theirs.image
                            WHERE child.parent=parent.digest AND images.os IS NOT NULL)
                        OR 'manifest:' || parent.digest {GarbageRule.Leased}))
                AND 'manifest:' || digest NOT {GarbageRule.Leased}
            """,
        Delete = DeleteManifest,
        Again = true,
    };

    public static GarbageRule Blobs { get; } = new(GarbageKind.Blob, "blobs", "digest")
    {
        Bytes = "size",
        Condition = $"""
            {Always}
                AND NOT EXISTS(SELECT 1 FROM layer_bodies WHERE blob=blobs.digest)
                AND NOT EXISTS(SELECT 1 FROM manifest_blobs WHERE blob=blobs.digest)
                AND NOT EXISTS(SELECT 1 FROM images WHERE id=blobs.digest)
                AND digest NOT {GarbageRule.Leased}
            """,
        Delete = static (session, digest) => session.Execute("DELETE FROM blobs WHERE digest=?1", digest),
    };

    /// <summary>Snapshots of layers that are gone.</summary>
    public static GarbageRule OrphanedSnapshots { get; } = new(GarbageKind.Snapshot, "snapshots", "directory")
    {
        Bytes = "size",
        Condition = $"{Always} AND NOT EXISTS(SELECT 1 FROM layers WHERE layers.diff_id=snapshots.diff_id) AND 'snapshot:' || directory NOT {GarbageRule.Leased}",
        Delete = static (session, directory) => session.Execute("DELETE FROM snapshots WHERE directory=?1", directory),
        OnlyKey = "diff_id",
    };

    /// <summary>Snapshots that no container needs; they are made again when something does.</summary>
    public static GarbageRule IdleSnapshots { get; } = OrphanedSnapshots with
    {
        Condition = $"""
            last_used<?2
                AND NOT EXISTS(
                    SELECT 1 FROM image_layers JOIN containers ON containers.image=image_layers.image WHERE image_layers.diff_id=snapshots.diff_id)
                AND 'snapshot:' || directory NOT {GarbageRule.Leased}
            """,
    };

    /// <summary>As <see cref="DanglingImages"/>, whether they have names or not.</summary>
    /// <param name="names">Takes the names away.</param>
    /// <param name="untagged">Told of each.</param>
    public static GarbageRule UnusedImages(NameStore names, Action<Reference> untagged) => DanglingImages with
    {
        With = "",
        Condition = $"os IS NOT NULL AND coalesce(last_used, added)<?2 AND NOT EXISTS(SELECT 1 FROM containers WHERE image=images.id) AND 'image:' || id NOT {GarbageRule.Leased}",
        Delete = (session, id) =>
        {
            foreach (var name in session.Query("SELECT name FROM names WHERE image=?1 ORDER BY name", static row => row.Text(0), id))
            {
                names.Remove(session, name);
                untagged(Reference.Parse(name));
            }
            session.Execute("DELETE FROM images WHERE id=?1", id);
        },
    };

    /// <summary>The parts of images that are gone.</summary>
    public static IReadOnlyList<GarbageRule> Content { get; } = [Layers, Manifests, Blobs, OrphanedSnapshots];

    /// <summary>An index of artifacts goes after them; artifacts may share a config, which is no image's.</summary>
    private static void DeleteManifest(SqliteSession session, string digest)
    {
        var config = session.Text("SELECT image FROM manifests WHERE digest=?1", digest);
        session.Execute("DELETE FROM manifests WHERE digest=?1", digest);
        session.Execute("DELETE FROM images WHERE id=?1 AND os IS NULL AND NOT EXISTS(SELECT 1 FROM manifests WHERE image=images.id)", config);
    }
}
