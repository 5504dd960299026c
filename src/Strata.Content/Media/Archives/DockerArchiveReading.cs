using System.Text.Json;
using Strata.Content.Compression;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>
/// The images of a docker archive: manifest.json names a config and the layers' files, wherever they lie (a folder a layer, links between
/// them, or blobs). There is no manifest in it, so one is made up for each image: the same archive gives the same one.
/// </summary>
internal sealed class DockerArchiveReading(IArchiveFiles files)
{
    public const string ListName = "manifest.json";
    public const string RepositoriesName = "repositories";

    private const int MaxListSize = 16 * 1024 * 1024;
    private const int MaxImages = 1000;
    private const int MaxLayers = 10_000;

    private readonly Dictionary<Digest, ArchiveMember> _blobs = [];
    private readonly Dictionary<ArchiveMember, Descriptor> _compressed = [];

    /// <summary>What the made-up manifests refer to.</summary>
    public IReadOnlyDictionary<Digest, ArchiveMember> Blobs => _blobs;

    public async Task<IReadOnlyList<ArchivedImage>> ReadAsync(CancellationToken cancellationToken)
    {
        var list = await files.ReadAsync(ListName, MaxListSize, cancellationToken);
        var images = new List<ArchivedImage>();
        foreach (var entry in Parse(list!))
        {
            images.Add(await ReadImageAsync(entry, cancellationToken));
        }
        return images;
    }

    private static IReadOnlyList<DockerArchiveEntry> Parse(byte[] list)
    {
        try
        {
            return JsonSerializer.Deserialize(list, ArchiveJson.Default.IReadOnlyListDockerArchiveEntry) switch
            {
                null or { Count: 0 } => throw new InvalidImageException($"The archive's {ListName} lists no image."),
                { Count: > MaxImages } => throw new InvalidImageException($"The archive's {ListName} lists more than {MaxImages:N0} images."),
                var entries when entries.Any(e => e?.Config is null || e.Layers is null || e.Layers.Any(l => l is null) || (e.RepoTags?.Any(t => t is null) ?? false)) =>
                    throw new InvalidImageException($"The archive's {ListName} has an image without a config or layers."),
                var entries => entries,
            };
        }
        catch (JsonException e)
        {
            throw new InvalidImageException($"The archive's {ListName} is no list of images ({e.Path}, line {e.LineNumber + 1}).");
        }
    }

    private async Task<ArchivedImage> ReadImageAsync(DockerArchiveEntry entry, CancellationToken cancellationToken)
    {
        var bytes = await files.ReadAsync(entry.Config!, ImageConfig.MaxSize, cancellationToken) ?? throw Missing(entry.Config!);
        if (!ImageConfig.TryParse(bytes, out var config, out var problem))
        {
            throw new InvalidImageException($"The archive's {entry.Config} cannot be read: {problem}.");
        }
        var diffIds = config.RootFs.DiffIds;
        if (entry.Layers!.Count != diffIds.Count || diffIds.Count > MaxLayers)
        {
            throw new InvalidImageException($"The archive's image {entry.Config} has {diffIds.Count:N0} layers in its config and {entry.Layers.Count:N0} in {ListName}.");
        }
        var configDigest = Digest.Of(bytes);
        _blobs.TryAdd(configDigest, files.Find(entry.Config!)!);
        var layers = new List<Descriptor>();
        for (var i = 0; i < diffIds.Count; i++)
        {
            var member = files.Find(entry.Layers[i]) ?? throw Missing(entry.Layers[i]);
            var layer = await DescribeAsync(member, diffIds[i], cancellationToken);
            _blobs.TryAdd(layer.Digest, member);
            layers.Add(layer);
        }
        var manifest = Manifest.Create(new Descriptor { MediaType = MediaTypes.OciConfig, Digest = configDigest, Size = bytes.Length }, layers);
        return new ArchivedImage(new StoredManifest(manifest.Raw, manifest.MediaType), [.. (entry.RepoTags ?? []).Select(NameOf)], []) { IsMadeUp = true };
    }

    /// <summary>A layer that is not compressed has its diff id as digest, which is checked when it is read; another has to be hashed.</summary>
    private async ValueTask<Descriptor> DescribeAsync(ArchiveMember member, Digest diffId, CancellationToken cancellationToken)
    {
        if (_compressed.TryGetValue(member, out var known))
        {
            return known;
        }
        var compression = await CompressionOfAsync(member, cancellationToken);
        if (compression == LayerCompression.None)
        {
            return new Descriptor { MediaType = MediaTypes.OciLayerTar, Digest = diffId, Size = member.Size };
        }
        var digest = member.Digest ?? LayoutPaths.DigestOf(member.Name) ?? await HashAsync(member, cancellationToken);
        return _compressed[member] = new Descriptor { MediaType = MediaTypes.OciLayer(compression), Digest = digest, Size = member.Size };
    }

    private async ValueTask<LayerCompression> CompressionOfAsync(ArchiveMember member, CancellationToken cancellationToken)
    {
        await using var content = files.Open(member);
        var first = new byte[4];
        var length = await content.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken);
        return LayerDecompression.Detect(first.AsSpan(0, length));
    }

    private async ValueTask<Digest> HashAsync(ArchiveMember member, CancellationToken cancellationToken)
    {
        await using var content = files.Open(member);
        await using var hashed = new DigestingStream(Stream.Null);
        await content.CopyToAsync(hashed, 256 * 1024, cancellationToken);
        return hashed.Digest();
    }

    private static Reference NameOf(string text) => Reference.TryParse(text, out var name, out var problem)
        ? name.WithDefaultTag()
        : throw new InvalidImageException($"The archive's {ListName} calls an image '{text}': {problem}.");

    private static InvalidImageException Missing(string name) => new($"The archive's {ListName} names {name}, which is not in the archive.");
}
