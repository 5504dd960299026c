using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Strata.Oci;

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

    /// <summary>
    /// The manifest that runs best on <paramref name="platform"/>, and of several the first that uses most of the operating system's
    /// features; null when none does. A lone entry that names no platform is taken.
    /// </summary>
    public Descriptor? Select(Platform platform)
    {
        var images = Manifests.Where(m => MediaTypes.IsManifest(m.MediaType) || MediaTypes.IsIndex(m.MediaType)).ToList();
        return platform.Runnable()
            .Select(runnable => images.Where(m => m.Platform is not null && runnable.Matches(m.Platform)))
            .Select(fitting => fitting.MaxBy(m => m.Platform!.OsFeatures?.Count ?? 0))
            .FirstOrDefault(m => m is not null)
            ?? (images is [{ Platform: null } only] ? only : null);
    }
}
