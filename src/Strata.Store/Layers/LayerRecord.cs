using Strata.Content.Layers;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>The row of a layer.</summary>
/// <param name="Indexed">Its tar has been read here, was found to be the diff id's, and its index lies in the store.</param>
internal sealed record LayerRecord(bool Indexed, long? TarSize, bool? SelfContained)
{
    public static LayerRecord? Of(SqliteSession session, Digest diffId) => session.First(
        "SELECT indexed, tar_size, self_contained FROM layers WHERE diff_id=?1",
        static row => new LayerRecord(row.Bool(0), row.LongOrNull(1), row.IsNull(2) ? null : row.Bool(2)),
        diffId.ToString());

    /// <summary>A layer that an image names, of which nothing else is known yet.</summary>
    public static void InsertNamed(SqliteSession session, Digest diffId, long now) =>
        session.Execute("INSERT INTO layers(diff_id, indexed, added) VALUES(?1, 0, ?2) ON CONFLICT DO NOTHING", diffId.ToString(), now);

    public static void InsertIndexed(SqliteSession session, LayerIndex index, long now) => session.Execute(
        """
        INSERT INTO layers(diff_id, indexed, tar_size, self_contained, added) VALUES(?1, 1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET indexed=1, tar_size=excluded.tar_size, self_contained=excluded.self_contained
        """,
        index.DiffId.ToString(),
        index.TarSize,
        index.SelfContained,
        now);
}
