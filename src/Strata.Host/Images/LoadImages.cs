using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Content.Streams;
using Strata.Host.Images.Places;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>Takes the images of an archive into the store: docker's, of any age, or OCI's, compressed or not.</summary>
public sealed class LoadImages(LocalStore store)
{
    /// <param name="path">The archive; one that can be read anywhere is read by several threads.</param>
    /// <param name="platform">Of an image for several platforms, this one; null takes this machine's, or the only one there is.</param>
    /// <param name="loaded">Told of every image as soon as it is whole and has its names, which it keeps should a later one fail.</param>
    /// <param name="progress">Told of every blob.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task FromFileAsync(
        string path, Platform? platform, Action<LoadedImage> loaded, IProgress<TransferEvent>? progress, CancellationToken cancellationToken)
    {
        using var archive = await ArchiveInput.OpenAsync(path, new StoreIntake(store), cancellationToken);
        await TakeAsync(archive, path, platform, loaded, progress, cancellationToken);
    }

    /// <summary>As <see cref="FromFileAsync"/>, from what can be read only once; <paramref name="what"/> names it in errors.</summary>
    public async Task FromStreamAsync(
        Stream stream,
        string what,
        Platform? platform,
        Action<LoadedImage> loaded,
        IProgress<TransferEvent>? progress,
        CancellationToken cancellationToken)
    {
        using var archive = await ArchiveInput.TakeAsync(stream, what, new StoreIntake(store), cancellationToken);
        await TakeAsync(archive, what, platform, loaded, progress, cancellationToken);
    }

    private async Task TakeAsync(
        ImageArchive archive,
        string what,
        Platform? platform,
        Action<LoadedImage> loaded,
        IProgress<TransferEvent>? progress,
        CancellationToken cancellationToken)
    {
        try
        {
            var arrival = new StoredArrival(store);
            foreach (var image in archive.Images)
            {
                var manifest = await ChooseAsync(archive, image, platform, cancellationToken);
                var isUnpacked = image.IsMadeUp || StoredArrival.IsUnpacked(manifest);
                var id = isUnpacked
                    ? await arrival.TakeUnpackedAsync(archive, manifest, progress, cancellationToken)
                    : await arrival.TakeAsync(archive, manifest, null, new CopyOptions(), progress, cancellationToken);
                // At once, as docker does: what is whole is not to be without a name for what comes after it.
                foreach (var name in image.Names)
                {
                    store.Names.Give(name, id, isUnpacked ? null : manifest.Digest);
                }
                loaded(new LoadedImage(id, image.Names));
            }
        }
        catch (Exception e) when (e is InvalidImageException or ContentMismatchException)
        {
            throw new StrataException($"{what}: {e.Message}", inner: e);
        }
    }

    private static async Task<StoredManifest> ChooseAsync(ImageArchive archive, ArchivedImage image, Platform? platform, CancellationToken cancellationToken)
    {
        if (!ImageIndex.TryParse(image.Manifest.Raw, image.Manifest.MediaType, out var index, out _) || !MediaTypes.IsIndex(image.Manifest.MediaType))
        {
            return image.Manifest;
        }
        var present = new List<(Descriptor Entry, StoredManifest Manifest)>();
        foreach (var entry in index.Manifests)
        {
            // Archives may list more platforms than they hold.
            if (await archive.GetManifestAsync(ManifestKey.ByDigest(entry.Digest), cancellationToken) is { } child && IsImage(entry))
            {
                present.Add((entry, child));
            }
        }
        var wanted = ImageIndex.Create([.. present.Select(child => child.Entry)]).Select(platform ?? Platform.Local)
            ?? (platform is null && present is [var only] ? only.Entry : null);
        return wanted is null
            ? throw new StrataException(
                $"{Call(image)} is not there for {platform ?? Platform.Local}; there is {string.Join(", ", present.Select(child => child.Entry.Platform))}", "choose one with --platform")
            : present.First(child => child.Entry.Digest == wanted.Digest).Manifest;
    }

    // What BuildKit attaches lies in the index as an image for no platform.
    private static bool IsImage(Descriptor entry) => entry.Platform is not { Os: "unknown" };

    private static string Call(ArchivedImage image) => image.Names is [var name, ..] ? name.Familiar : $"the image {image.Manifest.Digest.Short}";
}
