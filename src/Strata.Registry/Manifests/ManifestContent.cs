using System.Diagnostics.CodeAnalysis;
using Strata.Oci;

namespace Strata.Registry.Manifests;

/// <summary>What the registry reads in a manifest or an index that is pushed; its bytes stay as they are.</summary>
internal sealed record ManifestContent
{
    public required string MediaType { get; init; }

    /// <summary>Blobs that must be there before it.</summary>
    public IReadOnlyCollection<Digest> Blobs { get; init; } = [];

    /// <summary>Manifests that must be there before it.</summary>
    public IReadOnlyCollection<Digest> Children { get; init; } = [];

    /// <summary>May be missing, and come later.</summary>
    public Digest? Subject { get; init; }

    /// <summary>As the list of referrers shows it: of a manifest without one, its config's media type (distribution-spec, "Listing Referrers").</summary>
    public string? ArtifactType { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>
    /// <paramref name="contentType"/> must be what the document says of itself: a document that two clients could read as two different
    /// things is not accepted.
    /// </summary>
    public static bool TryRead(ReadOnlyMemory<byte> raw, string? contentType, [NotNullWhen(true)] out ManifestContent? content, [NotNullWhen(false)] out string? problem)
    {
        content = null;
        var type = PlainType(contentType);
        var isManifest = Manifest.TryParse(raw, type, out var manifest, out var manifestProblem);
        var isIndex = ImageIndex.TryParse(raw, type, out var index, out var indexProblem);
        // Without any media type the shape decides: an index has no config.
        content = isManifest ? Of(manifest!) : isIndex ? Of(index!) : null;
        if (content is null)
        {
            problem = type is not null && MediaTypes.IsIndex(type) ? indexProblem! : manifestProblem!;
            return false;
        }
        if (type is not null && type != content.MediaType)
        {
            problem = $"its mediaType is '{content.MediaType}' but it was sent as '{type}'; send it with its own type as Content-Type";
            content = null;
            return false;
        }
        problem = null;
        return true;
    }

    private static ManifestContent Of(Manifest manifest) => new()
    {
        MediaType = manifest.MediaType,
        Blobs = [.. manifest.Layers.Where(layer => !IsElsewhere(layer)).Prepend(manifest.Config).Select(d => d.Digest).Distinct()],
        Subject = manifest.Subject?.Digest,
        ArtifactType = string.IsNullOrEmpty(manifest.ArtifactType) ? manifest.Config.MediaType : manifest.ArtifactType,
        Annotations = manifest.Annotations,
    };

    private static ManifestContent Of(ImageIndex index) => new()
    {
        MediaType = index.MediaType,
        Children = [.. index.Manifests.Select(d => d.Digest).Distinct()],
        Subject = index.Subject?.Digest,
        ArtifactType = string.IsNullOrEmpty(index.ArtifactType) ? null : index.ArtifactType,
        Annotations = index.Annotations,
    };

    // Layers that may not be redistributed stay with their publisher.
    private static bool IsElsewhere(Descriptor layer) =>
        layer.MediaType.Contains(".nondistributable.", StringComparison.Ordinal) || layer.MediaType.Contains(".foreign.", StringComparison.Ordinal);

    private static string? PlainType(string? contentType)
    {
        if (string.IsNullOrWhiteSpace(contentType))
        {
            return null;
        }
        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        var type = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim();
        return type is "application/json" or MediaTypes.OctetStream ? null : type;
    }
}
