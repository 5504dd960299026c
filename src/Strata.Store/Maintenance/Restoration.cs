using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store;

/// <summary>
/// Brings back what is damaged: a form of a layer from another form, a layer from its recipe and a snapshot, all else from the registries it
/// came from. What comes is verified and put in the place of what was there, so that nobody who uses it has to stop.
/// </summary>
internal sealed class Restoration(StoreContext context, BlobStore blobs, LayerStore layers, Func<Reference, IImageReader>? origins)
{
    private readonly LayerRebuilding _rebuilding = new(context, blobs);
    private readonly HashSet<Digest> _damaged = [];

    /// <summary>Of a registry that did not answer nothing more is asked.</summary>
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);

    /// <param name="damaged">Blobs that are missing or hold other bytes.</param>
    /// <param name="manifests">Manifests whose bytes are not theirs.</param>
    /// <param name="cancellationToken">What is restored by then stays.</param>
    /// <returns>What was restored.</returns>
    public async Task<IReadOnlyList<VerifyFinding.Restored>> RunAsync(
        IReadOnlyCollection<Digest> damaged, IReadOnlyCollection<Digest> manifests, CancellationToken cancellationToken)
    {
        var restored = new List<VerifyFinding.Restored>();
        foreach (var manifest in manifests)
        {
            if (await FetchManifestAsync(manifest, cancellationToken) is { } origin)
            {
                restored.Add(new VerifyFinding.Restored(manifest, RestoredFrom.Origin, origin));
            }
        }
        _damaged.UnionWith(damaged);
        var bodies = damaged.ToDictionary(blob => blob, BodiesOf);
        // Tars first: the compressed forms are made of them.
        foreach (var blob in damaged.OrderBy(blob => bodies[blob].Exists(body => body.DiffId == blob) ? 0 : 1).ThenBy(blob => blob))
        {
            if (await RestoreAsync(blob, bodies[blob], cancellationToken) is { } finding)
            {
                _damaged.Remove(blob);
                restored.Add(finding);
            }
        }
        // What can't come back as it was may come back in another form.
        foreach (var diffId in bodies.Where(lost => _damaged.Contains(lost.Key)).SelectMany(lost => lost.Value).Select(body => body.DiffId).Distinct())
        {
            if (layers.Bodies(diffId).TrueForAll(body => _damaged.Contains(body.Blob)) && await _rebuilding.RunAsync(diffId, cancellationToken))
            {
                restored.Add(new VerifyFinding.Restored(diffId, RestoredFrom.Snapshot, null));
            }
        }
        return restored;
    }

    private async Task<VerifyFinding.Restored?> RestoreAsync(Digest blob, List<(Digest DiffId, string? Encoder, string MediaType)> bodies, CancellationToken cancellationToken)
    {
        foreach (var (diffId, encoder, _) in bodies)
        {
            if (diffId == blob && await UnpackAsync(diffId, cancellationToken))
            {
                return new VerifyFinding.Restored(blob, RestoredFrom.OtherForm, null);
            }
            if (diffId != blob && LayerEncoder.TryParse(encoder, out var known) && await CompressAsync(diffId, blob, known, cancellationToken))
            {
                return new VerifyFinding.Restored(blob, RestoredFrom.OtherForm, null);
            }
        }
        // What is here is nearer than a registry, which seldom has bare tars.
        if (bodies.Exists(body => body.DiffId == blob) && await _rebuilding.RunAsync(blob, cancellationToken))
        {
            return new VerifyFinding.Restored(blob, RestoredFrom.Snapshot, null);
        }
        var type = bodies.Count > 0 ? bodies[0].MediaType : MediaTypes.OctetStream;
        return await FetchAsync(blob, type, cancellationToken) is { } origin ? new VerifyFinding.Restored(blob, RestoredFrom.Origin, origin) : null;
    }

    private List<(Digest DiffId, string? Encoder, string MediaType)> BodiesOf(Digest blob) => context.Database.Read(s => s.Query(
        "SELECT diff_id, encoder, media_type FROM layer_bodies WHERE blob=?1",
        static row => (Digest.Parse(row.Text(0)), row.TextOrNull(1), row.Text(2)),
        blob.ToString()));

    private async Task<bool> UnpackAsync(Digest diffId, CancellationToken cancellationToken)
    {
        var size = context.Database.Read(s => LayerRecord.Of(s, diffId))?.TarSize ?? blobs.Find(diffId) ?? 0;
        foreach (var body in layers.Bodies(diffId).Where(body => !body.IsTarOf(diffId) && !_damaged.Contains(body.Blob)))
        {
            if (await TryPutAsync(new Descriptor { MediaType = MediaTypes.OciLayerTar, Digest = diffId, Size = size }, () => layers.OpenBody(body), cancellationToken))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The same encoder gives the same bytes.</summary>
    private async Task<bool> CompressAsync(Digest diffId, Digest blob, LayerEncoder encoder, CancellationToken cancellationToken)
    {
        if (layers.Bodies(diffId).Find(body => !_damaged.Contains(body.Blob)) is not { } source || blobs.Find(blob) is not { } size)
        {
            return false;
        }
        using var upload = blobs.Begin(blob.Algorithm);
        try
        {
            await using var tar = layers.OpenBody(source);
            if (await LayerStore.CompressAsync(tar, encoder, upload, cancellationToken) != blob || upload.Length != size)
            {
                return false;
            }
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException io && !IsOfTheStore(io)))
        {
            // It is not what it is said to be a form of.
            return false;
        }
        await upload.PublishAsync(blob, null, null, [], cancellationToken);
        return true;
    }

    private async Task<Reference?> FetchAsync(Digest blob, string mediaType, CancellationToken cancellationToken)
    {
        var wanted = new Descriptor { MediaType = mediaType, Digest = blob, Size = blobs.Find(blob) ?? 0 };
        return await AskOriginsAsync(
            blob,
            async reader => await reader.OpenBlobAsync(wanted, cancellationToken) is { } content && await TryPutAsync(wanted, () => content, cancellationToken));
    }

    private Task<Reference?> FetchManifestAsync(Digest digest, CancellationToken cancellationToken) => AskOriginsAsync(
        digest,
        async reader => await reader.GetManifestAsync(ManifestKey.ByDigest(digest), cancellationToken) is { } stored && stored.Digest == digest
            && await context.Database.WriteAsync(
                s => s.Execute("UPDATE manifests SET raw=?2, media_type=?3 WHERE digest=?1", digest.ToString(), stored.Raw, stored.MediaType) > 0,
                cancellationToken));

    private async Task<Reference?> AskOriginsAsync(Digest content, Func<IImageReader, Task<bool>> ask)
    {
        var known = origins is null ? [] : context.Database.Read(s => ContentOrigins.Of(s, content));
        foreach (var repository in known.Where(repository => !_silent.Contains(repository.Registry)))
        {
            try
            {
                if (await ask(origins!(repository)))
                {
                    return repository;
                }
            }
            catch (Exception e) when (e is ContentMismatchException or InvalidImageException or InvalidDataException)
            {
                // It has something else under that digest; another may have it.
            }
            catch (IOException e) when (!IsOfTheStore(e))
            {
                _silent.Add(repository.Registry);
            }
        }
        return null;
    }

    private async Task<bool> TryPutAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = open();
            await blobs.ReplaceAsync(blob, content, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is ContentMismatchException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>A disk that does not take what is brought says nothing of where it came from: nothing may be given up for that.</summary>
    private static bool IsOfTheStore(IOException problem) => problem is StoreException or SqliteStoreException or LinuxException;
}
