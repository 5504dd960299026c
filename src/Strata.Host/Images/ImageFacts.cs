using Strata.Content.Media;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>All that the store knows of an image.</summary>
public sealed record ImageFacts
{
    public required StoredImage Image { get; init; }

    public required IReadOnlyList<ImageName> Names { get; init; }

    /// <summary>In bytes, see <see cref="ImageSummary.Size"/>.</summary>
    public required long Size { get; init; }

    public required int Containers { get; init; }

    /// <summary>When one of its names last came to mean it.</summary>
    public required DateTimeOffset? Tagged { get; init; }

    /// <summary>The latest first.</summary>
    public required IReadOnlyList<StoredManifest> Manifests { get; init; }

    /// <summary>The manifest or index that the name asked for stands for, else the image's latest; null for what was built and never packed.</summary>
    public required StoredManifest? Meant { get; init; }

    /// <summary>Repository and manifest, as a registry would find it: <c>app@sha256:…</c>.</summary>
    public IEnumerable<string> RepoDigests => Names
        .Where(name => name.Manifest is not null || name.Reference.Digest is not null)
        .Select(name => $"{name.Reference.FamiliarName}@{name.Reference.Digest ?? name.Manifest}")
        .Distinct();

    /// <summary>Null: there is no such image.</summary>
    /// <exception cref="StrataException">There are several.</exception>
    public static ImageFacts? Find(LocalStore store, ImageFinder finder, string text)
    {
        if (finder.Find(text) is not { } hit)
        {
            return null;
        }
        var summary = store.Images.List().FirstOrDefault(known => known.Id == hit.Image.Id);
        var manifests = hit.Image.Manifests.Select(store.Manifests.Find).OfType<StoredManifest>().ToList();
        return new ImageFacts
        {
            Image = hit.Image,
            Names = summary?.Names ?? [],
            Size = summary?.Size ?? 0,
            Containers = summary?.Containers ?? 0,
            Tagged = summary?.Names.Max(name => store.Names.History(name.Reference) is [var last, ..] ? last.At : (DateTimeOffset?)null),
            Manifests = manifests,
            Meant = (hit.Found.Manifest is { } digest ? store.Manifests.Find(digest) : null) ?? manifests.FirstOrDefault(),
        };
    }
}
