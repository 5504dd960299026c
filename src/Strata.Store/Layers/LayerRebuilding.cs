using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>Makes a layer's tar again from what is not kept as a body: its recipe, and the files of a snapshot.</summary>
internal sealed class LayerRebuilding(StoreContext context, BlobStore blobs)
{
    /// <summary>The tar is a body of the layer afterwards, verified by its diff id. False where that can't be done; nothing is changed then.</summary>
    /// <exception cref="StoreException">The disk is full.</exception>
    public async Task<bool> RunAsync(Digest diffId, CancellationToken cancellationToken)
    {
        if (TryOpenIndex(diffId) is not { Rebuildable: true } index)
        {
            return false;
        }
        var boot = SnapshotStore.ThisBoot();
        foreach (var snapshot in context.Database.Read(s => SnapshotRecord.OfLayer(s, diffId)))
        {
            if (SnapshotWork.IsUsable(context, snapshot, boot)
                && await context.LeaseAsync(snapshot.LeaseName, s => s.Any("SELECT 1 FROM snapshots WHERE directory=?1", snapshot.Id), cancellationToken)
                && await TryAsync(index, context.Folders.SnapshotTree(snapshot.Id), cancellationToken))
            {
                return true;
            }
        }
        return false;
    }

    private LayerIndex? TryOpenIndex(Digest diffId)
    {
        try
        {
            return LayerIndex.Open(context.Folders.Index(diffId)) is { } index && index.DiffId == diffId ? index : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private async Task<bool> TryAsync(LayerIndex index, string tree, CancellationToken cancellationToken)
    {
        using var upload = blobs.Begin(DigestAlgorithm.Sha256);
        try
        {
            await Task.Run(
                () =>
                {
                    using var root = RootedDirectory.Open(tree);
                    using var target = new BufferedStream(new UploadStream(upload, hashed: false), 1 << 20);
                    TarRebuilder.Rebuild(index, entry => Content(root, entry), target, cancellationToken);
                    target.Flush();
                },
                cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or UnauthorizedAccessException or IOException and not StoreException)
        {
            // A file was lost or changed: it is no snapshot of this layer any more.
            return false;
        }
        var tar = new Descriptor { MediaType = MediaTypes.OciLayerTar, Digest = index.DiffId, Size = index.TarSize };
        await upload.PublishAsync(index.DiffId, null, session => LayerBody.Insert(session, index.DiffId, tar, encoder: null, proven: true), [], cancellationToken);
        return true;
    }

    /// <summary>Each file is verified by itself too: what is wrong is found before a large tar is written to its end.</summary>
    private static VerifyingStream Content(RootedDirectory root, LayerEntry entry)
    {
        var file = new FileStream(root.OpenRead(entry.Path.Bytes), FileAccess.Read, bufferSize: 0);
        return new VerifyingStream(file, entry.Content ?? throw new InvalidDataException("A layer's index has a file without a digest."), entry.Size);
    }
}
