using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>The rows' part of removing an image.</summary>
internal static class ImageRemoval
{
    /// <summary>Also gives the keys of what may be garbage now; null when no image was deleted.</summary>
    public static (RemoveResult Result, IReadOnlyCollection<string>? Parts) Run(SqliteSession session, NameStore names, string text, bool force) =>
        ImageStore.Find(session, text) switch
        {
            ImageLookup.Ambiguous several => (new RemoveResult.Ambiguous(several.Images), null),
            ImageLookup.Found { Name: { } name } found when NameStore.Find(session, NameStore.KeyOf(name)) is not null => ByName(session, names, found.Image, name, force),
            ImageLookup.Found found => ById(session, names, found.Image, force),
            _ => (new RemoveResult.NotFound(), null),
        };

    private static (RemoveResult Result, IReadOnlyCollection<string>? Parts) ByName(
        SqliteSession session, NameStore names, Digest image, Reference name, bool force)
    {
        var isLast = NamesOf(session, image).Count == 1;
        var containers = isLast ? ContainerStore.OfImage(session, image) : [];
        if (containers.Count > 0 && !force)
        {
            return (new RemoveResult.InUse(image, containers), null);
        }
        names.Remove(session, NameStore.KeyOf(name));
        var untagged = new RemovedItem.Untagged(Reference.Parse(NameStore.KeyOf(name)));
        return isLast && containers.Count == 0 ? Delete(session, image, [untagged]) : (new RemoveResult.Removed([untagged]), null);
    }

    private static (RemoveResult Result, IReadOnlyCollection<string>? Parts) ById(SqliteSession session, NameStore names, Digest image, bool force)
    {
        var all = NamesOf(session, image);
        if (!force && all.DistinctBy(name => name.Name).Count() > 1)
        {
            return (new RemoveResult.SeveralNames(image, all), null);
        }
        var containers = ContainerStore.OfImage(session, image);
        if (containers.Count > 0 && !force)
        {
            return (new RemoveResult.InUse(image, containers), null);
        }
        var items = new List<RemovedItem>();
        foreach (var name in all)
        {
            names.Remove(session, NameStore.KeyOf(name));
            items.Add(new RemovedItem.Untagged(name));
        }
        return containers.Count == 0 ? Delete(session, image, items) : (new RemoveResult.Removed(items), null);
    }

    private static (RemoveResult Result, IReadOnlyCollection<string> Parts) Delete(SqliteSession session, Digest image, List<RemovedItem> items)
    {
        var id = image.ToString();
        // With what lists the image or is attached to it, and to that.
        var parts = session.Query(
            """
            WITH RECURSIVE around(digest) AS (
                SELECT digest FROM manifests WHERE image=?1
                UNION SELECT parent FROM around JOIN manifest_children ON child=digest
                UNION SELECT manifests.digest FROM around JOIN manifests ON manifests.subject=around.digest
                UNION SELECT child FROM around JOIN manifests USING(digest) JOIN manifest_children ON parent=digest WHERE subject IS NOT NULL)
            SELECT digest FROM around
            UNION SELECT diff_id FROM image_layers WHERE image=?1
            UNION SELECT body.blob FROM image_layers JOIN layer_bodies body ON body.diff_id=image_layers.diff_id WHERE image=?1
            UNION SELECT manifest_blobs.blob FROM around JOIN manifest_blobs ON manifest=digest
            UNION SELECT ?1
            """,
            static row => row.Text(0),
            id);
        session.Execute("DELETE FROM images WHERE id=?1", id);
        items.Add(new RemovedItem.Deleted(image));
        return (new RemoveResult.Removed(items), parts);
    }

    private static List<Reference> NamesOf(SqliteSession session, Digest image) =>
        session.Query("SELECT name FROM names WHERE image=?1 ORDER BY name", static row => Reference.Parse(row.Text(0)), image.ToString());
}
