using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>Manifests that lie somewhere without their media type beside them.</summary>
internal static class ManifestBytes
{
    /// <summary>What a manifest says it is, or which of the two kinds it reads as; null for neither.</summary>
    public static string? MediaTypeOf(ReadOnlyMemory<byte> raw) =>
        Manifest.TryParse(raw, null, out var manifest, out _) ? manifest.MediaType
        : ImageIndex.TryParse(raw, null, out var index, out _) && index.Manifests.Count > 0 ? index.MediaType
        : null;

    /// <summary>What a manifest or index is attached to; null for most.</summary>
    public static Digest? SubjectOf(StoredManifest stored) =>
        MediaTypes.IsIndex(stored.MediaType) && ImageIndex.TryParse(stored.Raw, stored.MediaType, out var index, out _) ? index.Subject?.Digest
        : Manifest.TryParse(stored.Raw, stored.MediaType, out var manifest, out _) ? manifest.Subject?.Digest
        : null;
}
