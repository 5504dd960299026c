using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

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
