using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images.Places;

/// <summary>Brings images into the store.</summary>
internal sealed class StoredArrival(LocalStore store)
{
    private static readonly Reference Nameless = Reference.Parse("localhost/nameless");

    /// <summary>An image whose manifest is worth keeping, as it is; the id of the image.</summary>
    public async Task<Digest> TakeAsync(
        IImageReader from, StoredManifest manifest, Reference? name, CopyOptions options, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        if (Manifest.TryParse(manifest.Raw, manifest.MediaType, out var parsed, out _) && MediaTypes.IsManifest(manifest.MediaType)
            && !MediaTypes.IsImageConfig(parsed.Config.MediaType))
        {
            throw new InvalidImageException($"The manifest {manifest.Digest} is of an artifact, and no container image.");
        }
        var target = store.Medium(name ?? Nameless, LayerEncoder.Default);
        await ImageCopy.CopyAsync(from, target, ManifestKey.ByDigest(manifest.Digest), options with { Tag = name?.Tag }, progress, cancellationToken);
        return store.Images.Find(manifest.Digest.ToString()) is ImageLookup.Found found ? found.Image : manifest.Digest;
    }

    /// <summary>
    /// An image whose manifest nobody will ask for: one that was made up for an archive, or whose layers are bare tars as docker packs them. Its
    /// layers and config are taken alone, so that a push makes a manifest with compressed layers.
    /// </summary>
    public async Task<Digest> TakeUnpackedAsync(IImageReader from, StoredManifest manifest, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        if (!Manifest.TryParse(manifest.Raw, manifest.MediaType, out var parsed, out var problem))
        {
            throw new InvalidImageException($"The manifest {manifest.Digest} cannot be read: {problem}.");
        }
        var target = store.Medium(Nameless, LayerEncoder.Default);
        await ImageCopy.CopyBlobsAsync(from, target, parsed, progress, cancellationToken);
        var bytes = store.Blobs.ReadConfig(parsed.Config.Digest);
        if (!ImageConfig.TryParse(bytes, out var config, out var wrong))
        {
            throw new InvalidImageException($"The image {parsed.Config.Digest} cannot be read: {wrong}.");
        }
        if (config.RootFs.DiffIds.Count != parsed.Layers.Count)
        {
            throw new InvalidImageException(
                $"The image {parsed.Config.Digest} has {config.RootFs.DiffIds.Count} layers in its config and {parsed.Layers.Count} in its manifest.");
        }
        foreach (var (diffId, layer) in config.RootFs.DiffIds.Zip(parsed.Layers))
        {
            if (MediaTypes.LayerCompressionOf(layer.MediaType) == LayerCompression.None && layer.Digest != diffId)
            {
                throw new InvalidImageException($"The layer {layer.Digest} is not {diffId}, which the image's config says.");
            }
            await store.Layers.AddCompressedAsync(diffId, layer, cancellationToken);
        }
        return await store.Images.AddAsync(bytes, cancellationToken);
    }

    /// <summary>Whether all layers are bare tars.</summary>
    public static bool IsUnpacked(StoredManifest manifest) =>
        Manifest.TryParse(manifest.Raw, manifest.MediaType, out var parsed, out _) && MediaTypes.IsManifest(manifest.MediaType)
        && MediaTypes.IsImageConfig(parsed.Config.MediaType)
        && parsed.Layers.All(layer => MediaTypes.LayerCompressionOf(layer.MediaType) == LayerCompression.None);
}
