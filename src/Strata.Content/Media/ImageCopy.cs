using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>Copies an image between two media: blobs first, several at once and each one once, then manifests, children before lists, the tag last.</summary>
public static class ImageCopy
{
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
        if (what.Digest is { } asked && ContentHasher.DigestOf(root.Raw.Span, asked.Algorithm) is var actual && actual != asked)
        {
            throw new InvalidImageException($"The manifest {asked} was asked for; what was delivered is {actual}.");
        }
        // A list may hold lists, so choosing may take more than one step; every step goes down in a tree that digests keep finite.
        while (options.Platform is { } platform && MediaTypes.IsIndex(root.MediaType))
        {
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
        var tree = await ImageTree.ReadAsync(from, root, cancellationToken);
        await Parallel.ForEachAsync(
            tree.Blobs,
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken },
            (blob, cancellationToken) => CopyBlobAsync(from, to, blob, progress, cancellationToken));
        foreach (var manifest in tree.Manifests)
        {
            var tag = ReferenceEquals(manifest, tree.Manifests[^1]) ? options.Tag : null;
            await to.PutManifestAsync(manifest, tag, cancellationToken);
        }
        return new CopyResult.Copied(root);
    }

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
