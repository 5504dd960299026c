using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Host.Images;

/// <summary>
/// A source whose images are looked at before their layers are fetched: the config of each is read and has to be one, for the right
/// platform where that is <paramref name="required"/>. What was read is remembered, so nothing is fetched twice. What is attached to
/// an image may be anything.
/// </summary>
internal sealed class VettedSource(IImageReader source, Platform? required) : IImageReader, IReferrerReader
{
    // More cannot be mounted above one another (fsconfig's lowerdir+).
    private const int MaxLayers = 500;

    private readonly Dictionary<ManifestKey, StoredManifest> _manifests = [];
    private readonly Dictionary<Digest, byte[]> _configs = [];
    private readonly HashSet<Digest> _attached = [];

    public async ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken)
    {
        if (_manifests.TryGetValue(key, out var known))
        {
            return known;
        }
        if (await source.GetManifestAsync(key, cancellationToken) is not { } stored)
        {
            return null;
        }
        if (!_attached.Contains(stored.Digest))
        {
            await VetAsync(stored, cancellationToken);
        }
        return _manifests[key] = stored;
    }

    public async ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken)
    {
        var attached = source is IReferrerReader reader
            ? await reader.ListReferrersAsync(subject, cancellationToken)
            : throw new InvalidImageException("This kind of source cannot tell what is attached to an image.");
        _attached.UnionWith(attached.Select(referrer => referrer.Digest));
        return attached;
    }

    /// <summary>Looks at a manifest that was read before; an index says nothing yet.</summary>
    /// <exception cref="InvalidImageException">It is of no image that can be used.</exception>
    public Task VetAsync(StoredManifest stored, CancellationToken cancellationToken) =>
        MediaTypes.IsIndex(stored.MediaType) ? Task.CompletedTask : VetImageAsync(stored, cancellationToken);

    public ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) =>
        _configs.TryGetValue(blob.Digest, out var config)
            ? ValueTask.FromResult<Stream?>(new VerifyingStream(new MemoryStream(config), blob.Digest, blob.Size))
            : source.OpenBlobAsync(blob, cancellationToken);

    private async Task VetImageAsync(StoredManifest stored, CancellationToken cancellationToken)
    {
        if (!Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out var problem))
        {
            throw new InvalidImageException($"The manifest {stored.Digest} cannot be read: {problem}.");
        }
        if (!MediaTypes.IsImageConfig(manifest.Config.MediaType))
        {
            var type = string.IsNullOrEmpty(manifest.ArtifactType) ? manifest.Config.MediaType : manifest.ArtifactType;
            throw new StrataException(
                $"it is no container image: the manifest {stored.Digest} is of an artifact ({type})",
                "`strata copy docker://NAME oci:FOLDER` takes it as it is; registries and archives take it too");
        }
        if (manifest.Layers.Count > MaxLayers)
        {
            throw new InvalidImageException($"The image has {manifest.Layers.Count:N0} layers; more than {MaxLayers} cannot be mounted above one another.");
        }
        var raw = await ReadConfigAsync(manifest.Config, cancellationToken);
        if (!ImageConfig.TryParse(raw, out var config, out problem))
        {
            throw new InvalidImageException($"The image's config {manifest.Config.Digest} cannot be read: {problem}.");
        }
        if (config.RootFs.DiffIds.Count != manifest.Layers.Count)
        {
            throw new InvalidImageException($"The image's config names {config.RootFs.DiffIds.Count:N0} layers, its manifest {manifest.Layers.Count:N0}; they do not belong together.");
        }
        if (required is not null && !required.Matches(config.Platform))
        {
            throw new StrataException($"the image there is for {config.Platform} alone, not for {required}", "leave --platform out to take it as it is, though it will not run here without an emulator");
        }
    }

    private async Task<byte[]> ReadConfigAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (blob.Size > ImageConfig.MaxSize)
        {
            throw new InvalidImageException($"The image's config {blob.Digest} would have {blob.Size:N0} bytes; {ImageConfig.MaxSize:N0} are the most.");
        }
        await using var content = await source.OpenBlobAsync(blob, cancellationToken)
            ?? throw new InvalidImageException($"The image's config {blob.Digest} is not there.");
        return _configs[blob.Digest] = await BoundedStream.ReadAllAsync(content, ImageConfig.MaxSize, "The image's config", cancellationToken);
    }
}
