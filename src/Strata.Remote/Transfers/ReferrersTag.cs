using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Remote.Transfers;

/// <summary>
/// The list of what refers to a manifest, as clients keep it under a tag where the registry keeps none itself (distribution-spec,
/// "Pushing Manifests with Subject", "Referrers Tag Schema"). Two clients that add to one list at once may lose an entry; the
/// specification leaves that to the people.
/// </summary>
internal static class ReferrersTag
{
    private const int MaxAlgorithm = 32;
    private const int MaxEncoded = 64;

    public static Tag Of(Digest subject)
    {
        var text = subject.ToString();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return Tag.Parse($"{Truncated(text[..colon], MaxAlgorithm)}-{Truncated(text[(colon + 1)..], MaxEncoded)}");
    }

    /// <summary>What a manifest refers to, and the entry it gets in that one's list; null when it refers to nothing.</summary>
    public static (Digest Subject, Descriptor Entry)? Read(StoredManifest manifest)
    {
        if (Manifest.TryParse(manifest.Raw, manifest.MediaType, out var image, out _))
        {
            var type = string.IsNullOrEmpty(image.ArtifactType) ? image.Config.MediaType : image.ArtifactType;
            return Entry(image.Subject, image.Descriptor with { ArtifactType = type, Annotations = image.Annotations });
        }
        return ImageIndex.TryParse(manifest.Raw, manifest.MediaType, out var index, out _)
            ? Entry(index.Subject, index.Descriptor with { ArtifactType = index.ArtifactType, Annotations = index.Annotations })
            : null;
    }

    /// <summary>The list with the entry at its end; null when it is there already.</summary>
    public static StoredManifest? With(Descriptor entry, ImageIndex? list)
    {
        if (list is not null && list.Manifests.Any(listed => listed.Digest == entry.Digest))
        {
            return null;
        }
        var longer = ImageIndex.Create([.. list?.Manifests ?? [], entry], list?.Annotations);
        return new StoredManifest(longer.Raw, longer.MediaType);
    }

    /// <summary>The list without an entry; null when it is not there.</summary>
    public static StoredManifest? Without(Digest entry, ImageIndex list)
    {
        if (!list.Manifests.Any(listed => listed.Digest == entry))
        {
            return null;
        }
        var shorter = ImageIndex.Create([.. list.Manifests.Where(listed => listed.Digest != entry)], list.Annotations);
        return new StoredManifest(shorter.Raw, shorter.MediaType);
    }

    private static (Digest Subject, Descriptor Entry)? Entry(Descriptor? subject, Descriptor entry) => subject is null ? null : (subject.Digest, entry);

    private static string Truncated(string text, int length) => text.Length > length ? text[..length] : text;
}
