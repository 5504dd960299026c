using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Reads the list of images.</summary>
internal static class ImageListing
{
    public static List<ImageSummary> Read(SqliteSession session)
    {
        var names = new Dictionary<string, List<ImageName>>(StringComparer.Ordinal);
        session.Each(
            "SELECT image, name, manifest FROM names ORDER BY name",
            row =>
            {
                var image = row.Text(0);
                if (!names.TryGetValue(image, out var list))
                {
                    names[image] = list = [];
                }
                list.Add(new ImageName(Reference.Parse(row.Text(1)), row.TextOrNull(2) is { } manifest ? Digest.Parse(manifest) : null));
            });
        return session.Query(
            """
            SELECT id, created, added,
                (SELECT coalesce(sum(coalesce(
                        layers.tar_size,
                        (SELECT min(blobs.size) FROM layer_bodies body JOIN blobs ON blobs.digest=body.blob WHERE body.diff_id=layers.diff_id),
                        0)), 0)
                    FROM image_layers JOIN layers ON layers.diff_id=image_layers.diff_id WHERE image_layers.image=images.id),
                (SELECT count(*) FROM containers WHERE containers.image=images.id)
            FROM images WHERE os IS NOT NULL ORDER BY coalesce(created, added) DESC, id
            """,
            row =>
            {
                var id = row.Text(0);
                return new ImageSummary(
                    Digest.Parse(id),
                    names.TryGetValue(id, out var known) ? known : [],
                    StoreTime.FromRow(row.LongOrNull(1)),
                    StoreTime.FromRow(row.Long(2)),
                    row.Long(3),
                    row.Int(4));
            });
    }
}
