using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Oci;

/// <summary>
/// One image for one platform, OCI's or Docker's, which differ by media type only. <see cref="Raw"/> is the truth:
/// what was received is what is kept, served and named by <see cref="Digest"/>; the rest is a view of it.
/// </summary>
public sealed class Manifest
{
    /// <summary>The largest manifest or index that is read, in bytes (distribution-spec, "Pushing Manifests": at least 4 MiB).</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    private readonly ManifestDocument _document;

    private Manifest(ReadOnlyMemory<byte> raw, ManifestDocument document, string mediaType)
    {
        Raw = raw;
        _document = document;
        MediaType = mediaType;
        Digest = Digest.Of(raw.Span);
    }

    public ReadOnlyMemory<byte> Raw { get; }
    public string MediaType { get; }
    public Digest Digest { get; }
    public Descriptor Config => _document.Config!;
    public IReadOnlyList<Descriptor> Layers => _document.Layers ?? [];
    public Descriptor? Subject => _document.Subject;
    public string? ArtifactType => _document.ArtifactType;
    public IReadOnlyDictionary<string, string>? Annotations => _document.Annotations;

    /// <summary>The descriptor under which this manifest is referred to.</summary>
    public Descriptor Descriptor => new() { MediaType = MediaType, Digest = Digest, Size = Raw.Length };

    /// <summary>Reads a manifest; <paramref name="mediaType"/> is what the transport said, used where the document is silent.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> raw, string? mediaType, [NotNullWhen(true)] out Manifest? manifest, [NotNullWhen(false)] out string? problem)
    {
        manifest = null;
        if (!ManifestDocument.TryRead(raw, out var document, out problem))
        {
            return false;
        }
        var type = document.MediaType ?? mediaType ?? MediaTypes.OciManifest;
        if (!MediaTypes.IsManifest(type))
        {
            problem = $"media type '{type}' is not a manifest's";
            return false;
        }
        if (document.Config is null)
        {
            problem = "it has no config";
            return false;
        }
        manifest = new Manifest(raw, document, type);
        return true;
    }

    /// <summary>A new manifest of one image; its raw bytes are made here, once.</summary>
    public static Manifest Create(Descriptor config, IReadOnlyList<Descriptor> layers, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var document = new ManifestDocument
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = config,
            Layers = layers,
            Annotations = annotations,
        };
        var raw = JsonSerializer.SerializeToUtf8Bytes(document, OciJson.Canonical.ManifestDocument);
        return new Manifest(raw, document, MediaTypes.OciManifest);
    }
}

/// <summary>A list of manifests by platform, with the same rule: <see cref="Raw"/> is the truth.</summary>
public sealed class ImageIndex
{
    private readonly ManifestDocument _document;

    private ImageIndex(ReadOnlyMemory<byte> raw, ManifestDocument document, string mediaType)
    {
        Raw = raw;
        _document = document;
        MediaType = mediaType;
        Digest = Digest.Of(raw.Span);
    }

    public ReadOnlyMemory<byte> Raw { get; }
    public string MediaType { get; }
    public Digest Digest { get; }
    public IReadOnlyList<Descriptor> Manifests => _document.Manifests ?? [];
    public Descriptor? Subject => _document.Subject;
    public string? ArtifactType => _document.ArtifactType;
    public IReadOnlyDictionary<string, string>? Annotations => _document.Annotations;
    public Descriptor Descriptor => new() { MediaType = MediaType, Digest = Digest, Size = Raw.Length };

    public static bool TryParse(ReadOnlyMemory<byte> raw, string? mediaType, [NotNullWhen(true)] out ImageIndex? index, [NotNullWhen(false)] out string? problem)
    {
        index = null;
        if (!ManifestDocument.TryRead(raw, out var document, out problem))
        {
            return false;
        }
        var type = document.MediaType ?? mediaType ?? MediaTypes.OciIndex;
        if (!MediaTypes.IsIndex(type))
        {
            problem = $"media type '{type}' is not an index's";
            return false;
        }
        index = new ImageIndex(raw, document, type);
        return true;
    }

    public static ImageIndex Create(IReadOnlyList<Descriptor> manifests, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var document = new ManifestDocument
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciIndex,
            Manifests = manifests,
            Annotations = annotations,
        };
        var raw = JsonSerializer.SerializeToUtf8Bytes(document, OciJson.Canonical.ManifestDocument);
        return new ImageIndex(raw, document, MediaTypes.OciIndex);
    }

    /// <summary>The manifest that runs best on <paramref name="platform"/>; null when none does. A lone entry that names no platform is taken.</summary>
    public Descriptor? Select(Platform platform)
    {
        var images = Manifests.Where(m => MediaTypes.IsManifest(m.MediaType) || MediaTypes.IsIndex(m.MediaType)).ToList();
        return platform.Runnable().Select(runnable => images.Find(m => m.Platform is not null && runnable.Matches(m.Platform))).FirstOrDefault(m => m is not null)
            ?? (images is [{ Platform: null } only] ? only : null);
    }
}

/// <summary>The JSON of a manifest or an index.</summary>
internal sealed record ManifestDocument
{
    [JsonPropertyName("schemaVersion")] public int SchemaVersion { get; init; }
    [JsonPropertyName("mediaType")] public string? MediaType { get; init; }
    [JsonPropertyName("artifactType")] public string? ArtifactType { get; init; }
    [JsonPropertyName("config")] public Descriptor? Config { get; init; }
    [JsonPropertyName("layers")] public IReadOnlyList<Descriptor>? Layers { get; init; }
    [JsonPropertyName("manifests")] public IReadOnlyList<Descriptor>? Manifests { get; init; }
    [JsonPropertyName("subject")] public Descriptor? Subject { get; init; }
    [JsonPropertyName("annotations")] public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public static bool TryRead(ReadOnlyMemory<byte> raw, [NotNullWhen(true)] out ManifestDocument? document, [NotNullWhen(false)] out string? problem)
    {
        document = null;
        if (raw.Length > Manifest.MaxSize)
        {
            problem = $"it has {raw.Length:N0} bytes, over the limit of {Manifest.MaxSize:N0}";
            return false;
        }
        try
        {
            document = JsonSerializer.Deserialize(raw.Span, OciJson.Canonical.ManifestDocument);
        }
        catch (JsonException e)
        {
            problem = $"it is not the JSON of a manifest ({e.Path}, line {e.LineNumber + 1})";
            return false;
        }
        problem = document switch
        {
            null => "it is empty",
            { SchemaVersion: 1 } => "it is of schema version 1, which no registry should serve any more; push the image again with a current client",
            { SchemaVersion: not 2 } => $"schema version {document.SchemaVersion} is not 2",
            // An index that also carries layers can be read two ways by two clients (CVE-2021-41190).
            { Manifests: not null } when document.Layers is not null || document.Config is not null => "it is a manifest and an index at once",
            _ when document.HasEmptyEntries => "it lists an empty entry",
            _ => document.AllDescriptors.FirstOrDefault(d => d.Size < 0) is { } bad ? $"the size of {bad.Digest} is negative" : null,
        };
        return problem is null;
    }

    // JSON's null is taken for an entry whatever the type says.
    private bool HasEmptyEntries => (Layers?.Any(d => d is null) ?? false) || (Manifests?.Any(d => d is null) ?? false);

    private IEnumerable<Descriptor> AllDescriptors =>
        [.. Config is null ? [] : new[] { Config }, .. Layers ?? [], .. Manifests ?? [], .. Subject is null ? [] : new[] { Subject }];
}
