using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>Copies an image between two media: blobs first, several at once and each one once, then manifests, children before lists, the tag last.</summary>
public static class ImageCopy
{
    private const int MaxReferrers = 1000;

    /// <exception cref="InvalidImageException">The source's image is broken or incomplete.</exception>
    /// <exception cref="ContentMismatchException">A blob is not what its descriptor says.</exception>
    public static async Task<CopyResult> CopyAsync(
        IImageReader from, IImageWriter to, ManifestKey what, CopyOptions options, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        var root = await from.GetManifestAsync(what, cancellationToken);
        if (root is null)
        {
            return new CopyResult.NotFound();
        }
        if (what.Digest is { } asked)
        {
            root = root.Under(asked) ?? throw new InvalidImageException(
                $"The manifest {asked} was asked for; what was delivered is {ContentHasher.DigestOf(root.Raw.Span, asked.Algorithm)}.");
        }
        return await CopyAsync(from, to, root, options, progress, cancellationToken);
    }

    /// <summary>As above, of a manifest that was read from the source before.</summary>
    /// <exception cref="InvalidImageException">The source's image is broken or incomplete.</exception>
    /// <exception cref="ContentMismatchException">A blob is not what its descriptor says.</exception>
    public static async Task<CopyResult> CopyAsync(
        IImageReader from, IImageWriter to, StoredManifest root, CopyOptions options, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        // A list may hold lists, so choosing may take more than one step; every step goes down in a tree that digests keep from going in circles.
        for (var depth = 0; options.Platform is { } platform && MediaTypes.IsIndex(root.MediaType); depth++)
        {
            if (depth > ImageTree.MaxDepth)
            {
                throw ImageTree.TooDeep();
            }
            if (!ImageIndex.TryParse(root.Raw, root.MediaType, out var index, out var problem))
            {
                throw new InvalidImageException($"The index {root.Digest} cannot be read: {problem}.");
            }
            if (index.Select(platform) is not { } chosen)
            {
                return new CopyResult.NoSuchPlatform(platform, [.. index.Manifests.Select(m => m.Platform).OfType<Platform>()]);
            }
            root = await ImageTree.ReadChildAsync(from, chosen, cancellationToken);
        }
        var copied = new HashSet<Digest>();
        var trees = new Queue<(StoredManifest Root, Tag? Tag)>([(root, options.Tag)]);
        while (trees.TryDequeue(out var next))
        {
            var tree = await CopyTreeAsync(from, to, next.Root, options with { Tag = next.Tag }, progress, cancellationToken);
            foreach (var manifest in tree.Manifests.Where(manifest => copied.Add(manifest.Digest) && options.Referrers))
            {
                foreach (var referrer in await ReferrersAsync(from, manifest, cancellationToken))
                {
                    if (copied.Count + trees.Count > MaxReferrers)
                    {
                        throw new InvalidImageException($"More than {MaxReferrers:N0} manifests are attached to {root.Digest}.");
                    }
                    if (!copied.Contains(referrer.Digest))
                    {
                        trees.Enqueue((await ImageTree.ReadChildAsync(from, referrer, cancellationToken), null));
                    }
                }
            }
        }
        return new CopyResult.Copied(root);
    }

    private static async Task<ImageTree> CopyTreeAsync(
        IImageReader from, IImageWriter to, StoredManifest root, CopyOptions options, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        var tree = await ImageTree.ReadAsync(from, root, options.Sparse, cancellationToken);
        await Parallel.ForEachAsync(
            tree.Blobs,
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken },
            (blob, cancellationToken) => CopyBlobAsync(from, to, blob, progress, cancellationToken));
        foreach (var manifest in tree.Manifests)
        {
            var tag = ReferenceEquals(manifest, tree.Manifests[^1]) ? options.Tag : null;
            await to.PutManifestAsync(manifest, tag, cancellationToken);
        }
        return tree;
    }

    private static ValueTask<IReadOnlyList<Descriptor>> ReferrersAsync(IImageReader from, StoredManifest manifest, CancellationToken cancellationToken) =>
        from is IReferrerReader reader
            ? reader.ListReferrersAsync(manifest.Digest, cancellationToken)
            : throw new InvalidImageException("This kind of source cannot tell what is attached to an image.");

    /// <summary>Copies the config and layers of one manifest, and not the manifest.</summary>
    /// <exception cref="InvalidImageException">The source's image is incomplete.</exception>
    public static Task CopyBlobsAsync(
        IImageReader from, IImageWriter to, Manifest manifest, IProgress<TransferEvent>? progress, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            manifest.Layers.Append(manifest.Config).DistinctBy(blob => blob.Digest),
            new ParallelOptions { MaxDegreeOfParallelism = new CopyOptions().Parallelism, CancellationToken = cancellationToken },
            (blob, cancellationToken) => CopyBlobAsync(from, to, blob, progress, cancellationToken));

    private static async ValueTask CopyBlobAsync(
        IImageReader from, IImageWriter to, Descriptor blob, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        if (await to.HasBlobAsync(blob, cancellationToken))
        {
            progress?.Report(new TransferEvent.Skipped(blob, null));
            return;
        }
        if (to is IBlobMounter mounter && await mounter.TryMountAsync(blob, cancellationToken) is { } origin)
        {
            progress?.Report(new TransferEvent.Skipped(blob, origin));
            return;
        }
        var content = await from.OpenBlobAsync(blob, cancellationToken);
        if (content is null)
        {
            // Layers that may not be handed on are left where their URLs say (image-spec media-types.md, "Non-distributable Layers").
            if (blob.Urls is { Count: > 0 })
            {
                progress?.Report(new TransferEvent.Skipped(blob, null));
                return;
            }
            throw new InvalidImageException($"The image names the blob {blob.Digest}, which is not there.");
        }
        await using (content)
        {
            progress?.Report(new TransferEvent.Started(blob));
            var verified = VerifyingStream.Over(content, blob);
            verified.Progress = progress is null ? null : new Advance(blob, progress);
            await to.PutBlobAsync(blob, verified, cancellationToken);
            progress?.Report(new TransferEvent.Finished(blob));
        }
    }

    private sealed class Advance(Descriptor blob, IProgress<TransferEvent> progress) : IProgress<long>
    {
        public void Report(long value) => progress.Report(new TransferEvent.Advanced(blob, value));
    }
}
