using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>The images of an image layout in an archive.</summary>
internal static class LayoutArchiveReading
{
    private const int MaxMarkerSize = 64 * 1024;

    /// <summary>What the layout's index.json lists.</summary>
    public static async Task<IReadOnlyList<Descriptor>> ListAsync(IArchiveFiles files, CancellationToken cancellationToken)
    {
        var marker = await files.ReadAsync(LayoutPaths.Marker, MaxMarkerSize, cancellationToken);
        if (LayoutMarker.VersionOf(marker!) is var version && version != LayoutPaths.Version)
        {
            throw new InvalidImageException($"The archive is an image layout of version '{version}'; only {LayoutPaths.Version} is known.");
        }
        var raw = await files.ReadAsync(LayoutPaths.Index, Manifest.MaxSize, cancellationToken);
        return ImageIndex.TryParse(raw, MediaTypes.OciIndex, out var index, out var problem)
            ? index.Manifests
            : throw new InvalidImageException($"The archive's {LayoutPaths.Index} cannot be read: {problem}.");
    }

    public static async Task<IReadOnlyList<ArchivedImage>> ReadAsync(
        IArchiveFiles files, IReadOnlyList<Descriptor> entries, CancellationToken cancellationToken)
    {
        var images = new List<ArchivedImage>();
        foreach (var same in entries.GroupBy(e => e.Digest))
        {
            var stored = await ReadManifestAsync(files, same.Key, same.First().MediaType, cancellationToken)
                ?? throw new InvalidImageException($"The archive's {LayoutPaths.Index} lists {same.Key}, which is not in the archive.");
            images.Add(new ArchivedImage(
                stored,
                [.. same.Select(LayoutNames.FullNameOf).OfType<Reference>().Distinct()],
                [.. same.Where(e => LayoutNames.FullNameOf(e) is null).Select(LayoutNames.NameOf).OfType<string>().Distinct()]));
        }
        return images;
    }

    /// <summary>Null when it is not there.</summary>
    public static async ValueTask<StoredManifest?> ReadManifestAsync(IArchiveFiles files, Digest digest, string? mediaType, CancellationToken cancellationToken)
    {
        if (await files.ReadAsync(LayoutPaths.Of(digest), Manifest.MaxSize, cancellationToken) is not { } raw)
        {
            return null;
        }
        if ((mediaType ?? ManifestBytes.MediaTypeOf(raw)) is not { } type)
        {
            return null;
        }
        return new StoredManifest(raw, type).Under(digest)
            ?? throw new InvalidImageException($"The archive is damaged: its file for the manifest {digest} holds {ContentHasher.DigestOf(raw, digest.Algorithm)}.");
    }
}
