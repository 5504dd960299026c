using System.Formats.Tar;
using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Testing;

/// <summary>A small image made from a seed: the same seed gives the same bytes anywhere.</summary>
public sealed class RandomImage
{
    private RandomImage(StoredManifest manifest, ImageConfig config, IReadOnlyList<(Descriptor Descriptor, byte[] Content)> blobs) =>
        (Manifest, Config, Blobs) = (manifest, config, blobs);

    public StoredManifest Manifest { get; }

    public ImageConfig Config { get; }

    /// <summary>The config first, then the layers, lowest first.</summary>
    public IReadOnlyList<(Descriptor Descriptor, byte[] Content)> Blobs { get; }

    public Descriptor ConfigDescriptor => Blobs[0].Descriptor;

    public IReadOnlyList<Descriptor> Layers => [.. Blobs.Skip(1).Select(b => b.Descriptor)];

    public static RandomImage Create(int seed, int layers = 2, int layerSize = 4096, Platform? platform = null)
    {
        var random = new Random(seed);
        platform ??= Platform.Parse("linux/amd64");
        var diffIds = new List<Digest>();
        var blobs = new List<(Descriptor, byte[])>();
        for (var i = 0; i < layers; i++)
        {
            var tar = Tar(random, i, layerSize);
            diffIds.Add(Digest.Of(tar));
            var compressed = Gzip(tar);
            blobs.Add((Describe(MediaTypes.OciLayerGzip, compressed), compressed));
        }
        var config = new ImageConfig
        {
            Created = "2026-01-02T03:04:05Z",
            Architecture = platform.Architecture,
            Os = platform.Os,
            Variant = platform.Variant,
            Config = new ContainerConfig { Env = ["PATH=/bin"], Cmd = [$"/seed-{seed}"] },
            RootFs = new RootFs { DiffIds = diffIds },
        };
        var configBytes = config.ToBytes();
        blobs.Insert(0, (Describe(MediaTypes.OciConfig, configBytes), configBytes));
        var manifest = Oci.Manifest.Create(blobs[0].Item1, [.. blobs.Skip(1).Select(b => b.Item1)]);
        return new RandomImage(new StoredManifest(manifest.Raw, manifest.MediaType), config, blobs);
    }

    /// <summary>An index of the images, each under its platform.</summary>
    public static StoredManifest Index(params ReadOnlySpan<RandomImage> images)
    {
        var entries = new List<Descriptor>();
        foreach (var image in images)
        {
            entries.Add(image.Manifest.Descriptor with { Platform = image.Config.Platform });
        }
        var index = ImageIndex.Create(entries);
        return new StoredManifest(index.Raw, index.MediaType);
    }

    /// <summary>An artifact that is attached to <paramref name="subject"/>, its config first among its blobs.</summary>
    public static (StoredManifest Manifest, IReadOnlyList<(Descriptor Descriptor, byte[] Content)> Blobs) Attachment(Descriptor subject, string text)
    {
        var (config, content) = ("{}"u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(text));
        IReadOnlyList<(Descriptor Descriptor, byte[] Content)> blobs = [(Describe(MediaTypes.OciEmpty, config), config), (Describe(MediaTypes.OctetStream, content), content)];
        var plain = Oci.Manifest.Create(blobs[0].Descriptor, [blobs[1].Descriptor]);
        var document = System.Text.Json.Nodes.JsonNode.Parse(plain.Raw.Span)!.AsObject();
        document["artifactType"] = "application/vnd.example.note";
        document["subject"] = new System.Text.Json.Nodes.JsonObject
        {
            ["mediaType"] = subject.MediaType,
            ["digest"] = subject.Digest.ToString(),
            ["size"] = subject.Size,
        };
        return (new StoredManifest(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()), plain.MediaType), blobs);
    }

    /// <summary>Puts an attachment and its blobs.</summary>
    public static async Task<StoredManifest> AttachAsync(IImageWriter target, Descriptor subject, string text, CancellationToken cancellationToken)
    {
        var (manifest, blobs) = Attachment(subject, text);
        foreach (var (descriptor, content) in blobs)
        {
            await target.PutBlobAsync(descriptor, new MemoryStream(content), cancellationToken);
        }
        await target.PutManifestAsync(manifest, null, cancellationToken);
        return manifest;
    }

    /// <summary>Puts the blobs, then the manifest.</summary>
    public async Task WriteAsync(IImageWriter target, Tag? tag, CancellationToken cancellationToken)
    {
        foreach (var (descriptor, content) in Blobs)
        {
            await target.PutBlobAsync(descriptor, new MemoryStream(content), cancellationToken);
        }
        await target.PutManifestAsync(Manifest, tag, cancellationToken);
    }

    private static Descriptor Describe(string mediaType, byte[] content) =>
        new() { MediaType = mediaType, Digest = Digest.Of(content), Size = content.Length };

    private static byte[] Tar(Random random, int layer, int size)
    {
        var content = new byte[size];
        random.NextBytes(content);
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(Entry(TarEntryType.Directory, "data/"));
            var file = Entry(TarEntryType.RegularFile, $"data/file-{layer}");
            file.DataStream = new MemoryStream(content);
            tar.WriteEntry(file);
        }
        return buffer.ToArray();
    }

    private static UstarTarEntry Entry(TarEntryType type, string name) =>
        new(type, name) { ModificationTime = DateTimeOffset.UnixEpoch };

    private static byte[] Gzip(byte[] tar)
    {
        using var buffer = new MemoryStream();
        using var gzip = LayerEncoder.Default.Open(buffer);
        gzip.Write(tar);
        gzip.Complete();
        return buffer.ToArray();
    }
}
