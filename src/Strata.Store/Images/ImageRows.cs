using Strata.Content.Media;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>Rows of images and manifests.</summary>
internal static class ImageRows
{
    /// <param name="session">In a write.</param>
    /// <param name="id">The digest of the config.</param>
    /// <param name="config">Null for an artifact, whose config is none of an image.</param>
    /// <param name="now">When it is added.</param>
    public static void InsertImage(SqliteSession session, Digest id, ImageConfig? config, long now)
    {
        var isNew = session.Execute(
            "INSERT INTO images(id, created, os, architecture, variant, added) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            id.ToString(),
            config?.CreatedAt?.ToUnixTimeMilliseconds(),
            config?.Os,
            config?.Architecture,
            config?.Variant,
            now) > 0;
        if (!isNew)
        {
            session.Execute("UPDATE images SET last_used=?2 WHERE id=?1", id.ToString(), now);
        }
        var diffIds = config?.RootFs.DiffIds ?? [];
        for (var position = 0; isNew && position < diffIds.Count; position++)
        {
            LayerRecord.InsertNamed(session, diffIds[position], now);
            session.Execute(
                "INSERT INTO image_layers(image, position, diff_id) VALUES(?1, ?2, ?3)", id.ToString(), position, diffIds[position].ToString());
        }
    }

    /// <summary>Bytes that are there already are replaced: these have just been hashed, those may have been damaged since.</summary>
    public static void InsertManifest(SqliteSession session, StoredManifest manifest, Digest? image, ManifestOrigin origin, long now) => session.Execute(
        """
        INSERT INTO manifests(digest, media_type, raw, image, origin, added) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT DO UPDATE SET added=excluded.added, raw=excluded.raw, media_type=excluded.media_type
        """,
        manifest.Digest.ToString(),
        manifest.MediaType,
        manifest.Raw,
        image?.ToString(),
        (long)origin,
        now);

    public static void InsertManifestBlob(SqliteSession session, Digest manifest, Digest blob) =>
        session.Execute("INSERT INTO manifest_blobs(manifest, blob) VALUES(?1, ?2) ON CONFLICT DO NOTHING", manifest.ToString(), blob.ToString());

    public static void InsertManifestChild(SqliteSession session, Digest parent, Digest child) =>
        session.Execute("INSERT INTO manifest_children(parent, child) VALUES(?1, ?2) ON CONFLICT DO NOTHING", parent.ToString(), child.ToString());

    /// <summary>Null for indexes and artifacts too.</summary>
    public static Digest? ImageOfManifest(SqliteSession session, Digest manifest) =>
        session.Text("SELECT image FROM manifests JOIN images ON id=image WHERE digest=?1 AND os IS NOT NULL", manifest.ToString()) is { } image ? Digest.Parse(image) : null;

    /// <summary>Bytes that were damaged are given all the same: who hands them on checks them.</summary>
    public static StoredManifest? FindManifest(SqliteSession session, Digest digest)
    {
        var stored = session.First("SELECT raw, media_type FROM manifests WHERE digest=?1", static row => new StoredManifest(row.Blob(0), row.Text(1)), digest.ToString());
        return stored?.Under(digest) ?? stored;
    }

    /// <summary>The image that an index stands for on this machine: the one for its platform, else the first that is here.</summary>
    public static Digest? ImageOfIndex(SqliteSession session, ImageIndex index)
    {
        var candidates = new[] { index.Select(Platform.Local) }.OfType<Descriptor>().Concat(index.Manifests);
        foreach (var child in candidates)
        {
            if (ImageOfManifest(session, child.Digest) is { } image)
            {
                return image;
            }
            if (MediaTypes.IsIndex(child.MediaType) && FindManifest(session, child.Digest) is { } nested
                && ImageIndex.TryParse(nested.Raw, nested.MediaType, out var inner, out _) && ImageOfIndex(session, inner) is { } within)
            {
                return within;
            }
        }
        return null;
    }
}
