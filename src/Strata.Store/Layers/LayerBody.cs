using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>A blob that a layer can be read from.</summary>
/// <param name="Blob">The layer's diff id where the blob is the tar itself.</param>
/// <param name="MediaType">As the manifest has it that brought the blob.</param>
/// <param name="Size">Of the blob.</param>
/// <param name="Proven">Whether it was unpacked here and is the layer; else an image's config says so.</param>
internal sealed record LayerBody(Digest Blob, string MediaType, long Size, string? Encoder, bool Proven)
{
    public bool IsTarOf(Digest diffId) => Blob == diffId;

    public Descriptor Descriptor => new() { MediaType = MediaType, Digest = Blob, Size = Size };

    /// <summary>The tar first, as it costs least to read, then what is proven.</summary>
    public static List<LayerBody> Of(SqliteSession session, Digest diffId) => session.Query(
        """
        SELECT body.blob, body.media_type, blobs.size, body.encoder, body.proven
        FROM layer_bodies body JOIN blobs ON blobs.digest=body.blob
        WHERE body.diff_id=?1 ORDER BY body.blob=body.diff_id DESC, body.proven DESC, blobs.size
        """,
        static row => new LayerBody(Digest.Parse(row.Text(0)), row.Text(1), row.Long(2), row.TextOrNull(3), row.Bool(4)),
        diffId.ToString());

    public static void Insert(SqliteSession session, Digest diffId, Descriptor blob, string? encoder, bool proven) => session.Execute(
        """
        INSERT INTO layer_bodies(diff_id, blob, media_type, encoder, proven) VALUES(?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET encoder=coalesce(encoder, excluded.encoder), proven=max(proven, excluded.proven)
        """,
        diffId.ToString(),
        blob.Digest.ToString(),
        blob.MediaType,
        encoder,
        proven);
}
