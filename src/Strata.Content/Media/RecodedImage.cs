using System.Collections.Concurrent;
using Strata.Content.Compression;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>
/// A source whose layers have another form: manifests and indexes are OCI's and new where a layer of theirs has changed, and are what they
/// were elsewhere. Configs, and so the ids of images, stay.
/// </summary>
public sealed class RecodedImage(IImageReader source, ILayerRecoder recoder, LayerForm form) : IImageReader
{
    private const int LayersAtOnce = 2;
    private const int MaxDepth = 8;

    private readonly ConcurrentDictionary<Digest, StoredManifest> _made = new();

    /// <summary>Manifests and indexes of docker's kind become OCI's, also where every layer has the form already.</summary>
    public bool MakesOciManifests { get; init; }

    public async ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        if (key.Digest is { } digest && _made.TryGetValue(digest, out var made))
        {
            return made;
        }
        return await source.GetManifestAsync(key, cancellationToken) is { } stored ? await RecodeAsync(stored, 0, cancellationToken) : null;
    }

    public async ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) =>
        await recoder.OpenAsync(blob, cancellationToken) ?? await source.OpenBlobAsync(blob, cancellationToken);

    private async ValueTask<StoredManifest> RecodeAsync(StoredManifest stored, int depth, CancellationToken cancellationToken)
    {
        if (_made.TryGetValue(stored.Digest, out var known))
        {
            return known;
        }
        if (depth > MaxDepth)
        {
            throw new InvalidImageException($"The index nests more than {MaxDepth} lists.");
        }
        var recoded = MediaTypes.IsIndex(stored.MediaType) ? await RecodeIndexAsync(stored, depth, cancellationToken)
            : MediaTypes.IsManifest(stored.MediaType) ? await RecodeImageAsync(stored, cancellationToken)
            : stored;
        _made[stored.Digest] = recoded;
        _made[recoded.Digest] = recoded;
        return recoded;
    }

    private async ValueTask<StoredManifest> RecodeIndexAsync(StoredManifest stored, int depth, CancellationToken cancellationToken)
    {
        if (!ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out var problem))
        {
            throw new InvalidImageException($"The index {stored.Digest} cannot be read: {problem}.");
        }
        var entries = new List<Descriptor>();
        foreach (var child in index.Manifests)
        {
            var recoded = await source.GetManifestAsync(ManifestKey.ByDigest(child.Digest), cancellationToken) is { } found
                ? await RecodeAsync(found, depth + 1, cancellationToken)
                : null;
            entries.Add(recoded is null || recoded.Digest == child.Digest ? child : recoded.Descriptor with { Platform = child.Platform, Annotations = child.Annotations });
        }
        if (entries.SequenceEqual(index.Manifests) && !(MakesOciManifests && stored.MediaType == MediaTypes.DockerManifestList))
        {
            return stored;
        }
        var made = ImageIndex.Create(entries, index.Annotations);
        return new StoredManifest(made.Raw, made.MediaType);
    }

    private async ValueTask<StoredManifest> RecodeImageAsync(StoredManifest stored, CancellationToken cancellationToken)
    {
        if (!Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out var problem))
        {
            throw new InvalidImageException($"The manifest {stored.Digest} cannot be read: {problem}.");
        }
        var isWanted = manifest.Layers.All(form.IsMetBy) && !(MakesOciManifests && stored.MediaType == MediaTypes.DockerManifest);
        if (isWanted || !MediaTypes.IsImageConfig(manifest.Config.MediaType))
        {
            return stored;
        }
        var diffIds = await ReadDiffIdsAsync(manifest, cancellationToken);
        var layers = manifest.Layers.ToArray();
        await Parallel.ForAsync(
            0,
            layers.Length,
            new ParallelOptions { MaxDegreeOfParallelism = LayersAtOnce, CancellationToken = cancellationToken },
            async (i, cancellationToken) =>
            {
                if (!form.IsMetBy(layers[i]))
                {
                    layers[i] = await recoder.RecodeAsync(layers[i], diffIds[i], form.Encoder, cancellationToken);
                }
                else if (MediaTypes.LayerCompressionOf(layers[i].MediaType) is { } compression)
                {
                    layers[i] = layers[i] with { MediaType = MediaTypes.OciLayer(compression) };
                }
            });
        var made = Manifest.Create(manifest.Config with { MediaType = MediaTypes.OciConfig }, layers, manifest.Annotations);
        return new StoredManifest(made.Raw, made.MediaType);
    }

    private async ValueTask<IReadOnlyList<Digest>> ReadDiffIdsAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        await using var content = await source.OpenBlobAsync(manifest.Config, cancellationToken)
            ?? throw new InvalidImageException($"The image names the blob {manifest.Config.Digest}, which is not there.");
        var bytes = await BoundedStream.ReadAllAsync(content, ImageConfig.MaxSize, $"The config {manifest.Config.Digest}", cancellationToken);
        if (!ImageConfig.TryParse(bytes, out var config, out var problem))
        {
            throw new InvalidImageException($"The config {manifest.Config.Digest} cannot be read: {problem}.");
        }
        return config.RootFs.DiffIds.Count == manifest.Layers.Count
            ? config.RootFs.DiffIds
            : throw new InvalidImageException(
                $"The image {manifest.Config.Digest} has {config.RootFs.DiffIds.Count} layers in its config and {manifest.Layers.Count} in its manifest.");
    }
}
