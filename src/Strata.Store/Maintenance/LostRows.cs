using Strata.Oci;

namespace Strata.Store;

/// <summary>Blobs that are whole on the disk, and of which the database knows nothing, or another size: their rows are put right.</summary>
/// <param name="context">The store.</param>
/// <param name="read">The digest of a blob's file and its size; null where there is none or it can't be read.</param>
internal sealed class LostRows(StoreContext context, Func<Digest, (Digest Actual, long Size)?> read)
{
    /// <summary>Called under the exclusive <see cref="CollectionLock"/>, before what no row names is removed.</summary>
    public async Task<IReadOnlyList<VerifyFinding.Restored>> PutBackAsync(IEnumerable<VerifyFinding> findings, CancellationToken cancellationToken)
    {
        var named = context.Database.Read(s => s.Query(
            """
            SELECT id FROM images WHERE NOT EXISTS(SELECT 1 FROM blobs WHERE digest=id)
            UNION SELECT blob FROM layer_bodies WHERE NOT EXISTS(SELECT 1 FROM blobs WHERE digest=blob)
            UNION SELECT blob FROM manifest_blobs WHERE NOT EXISTS(SELECT 1 FROM blobs WHERE digest=blob)
            """,
            static row => Digest.Parse(row.Text(0))));
        var whole = new List<(Digest Blob, long Size)>();
        foreach (var blob in named.Concat(findings.OfType<VerifyFinding.BlobSizeWrong>().Select(finding => finding.Blob)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (read(blob) is var (actual, size) && actual == blob)
            {
                whole.Add((blob, size));
            }
        }
        await context.Database.WriteAsync(
            session =>
            {
                foreach (var (blob, size) in whole)
                {
                    BlobStore.Insert(session, blob, size, context.Now);
                    session.Execute("UPDATE blobs SET size=?2 WHERE digest=?1", blob.ToString(), size);
                }
                return session.Execute("DELETE FROM layer_bodies WHERE NOT EXISTS(SELECT 1 FROM blobs WHERE digest=blob)");
            },
            cancellationToken);
        return [.. whole.Select(row => new VerifyFinding.Restored(row.Blob, RestoredFrom.ItsFile, null))];
    }
}
