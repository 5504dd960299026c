using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// Tars of layers that are kept compressed too. They cost most and are missed least, and go only when what remains has just been unpacked
/// and found to be the layer.
/// </summary>
internal sealed class RedundantTars(StoreContext context, LayerStore layers)
{
    public static GarbageRule Rule { get; } = new(GarbageKind.Tar, "blobs", "digest")
    {
        Bytes = "size",
        Condition = $"""
            added<?2
                AND EXISTS(SELECT 1 FROM layer_bodies mine WHERE mine.diff_id=blobs.digest AND mine.blob=blobs.digest)
                AND EXISTS(SELECT 1 FROM layer_bodies other WHERE other.diff_id=blobs.digest AND other.blob<>blobs.digest AND other.proven=1)
                AND NOT EXISTS(SELECT 1 FROM manifest_blobs WHERE blob=blobs.digest)
                AND digest NOT {GarbageRule.Leased} AND 'layer:' || digest NOT {GarbageRule.Leased}
            """,
        Delete = static (session, digest) =>
        {
            session.Execute("DELETE FROM layer_bodies WHERE diff_id=?1 AND blob=?1", digest);
            session.Execute("DELETE FROM blobs WHERE digest=?1", digest);
        },
    };

    /// <summary>Those that may go, the oldest first, until they free <paramref name="bytes"/>.</summary>
    /// <param name="before">Only what was added before.</param>
    /// <param name="bytes">Where to end.</param>
    /// <param name="except">Keys of what is not to be looked at.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<string>> FindAsync(long before, long bytes, HashSet<string> except, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var candidates = context.Database.Read(s => s.Query(
            (Rule with { LeastRecent = "added" }).Select(only: false), static row => (Key: row.Text(0), Size: row.Long(1)), "[]", before, long.MaxValue, ""));
        foreach (var (key, size) in candidates.Where(candidate => !except.Contains(candidate.Key)))
        {
            if (bytes <= 0)
            {
                break;
            }
            if (await IsSafeAsync(Digest.Parse(key), size, cancellationToken))
            {
                found.Add(key);
                bytes -= size;
            }
        }
        return found;
    }

    private async Task<bool> IsSafeAsync(Digest diffId, long size, CancellationToken cancellationToken)
    {
        foreach (var body in layers.Bodies(diffId).Where(body => !body.IsTarOf(diffId)))
        {
            try
            {
                await using var tar = new VerifyingStream(layers.OpenBody(body), diffId, size);
                await tar.CopyToAsync(Stream.Null, 1 << 20, cancellationToken);
                return true;
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                // The next form may be whole; the tar stays if none is.
            }
        }
        return false;
    }
}
