using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Content.Media.Archives;
using Strata.Host.Registries;
using Strata.Linux;
using Strata.Oci;
using Strata.Remote;
using Strata.Store;

namespace Strata.Host.Images.Places;

/// <summary>Opens places to read from. What is opened stays open while <c>use</c> runs.</summary>
internal sealed class ImageSources(Func<LocalStore> store, RegistryAccess registries, HostEnvironment environment)
{
    /// <summary>Where archives that can't be read anywhere, and layers in other forms, are kept while they are copied.</summary>
    private string Temporary => environment.TemporaryFolder;

    /// <param name="place">Where it is.</param>
    /// <param name="reach">How a registry is reached.</param>
    /// <param name="sparse">Of an index in the store, that itself, though not all that it lists is there; else the image alone then.</param>
    /// <param name="use">Reads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<T> OpenAsync<T>(ImagePlace place, Reach reach, bool sparse, Func<ImageSource, Task<T>> use, CancellationToken cancellationToken) => place switch
    {
        ImagePlace.Registry registry => FromRegistryAsync(registry.Name, reach, use, cancellationToken),
        ImagePlace.Store stored => FromStoreAsync(stored.Wanted, sparse, use, cancellationToken),
        ImagePlace.Layout layout => FromLayoutAsync(layout, use, cancellationToken),
        ImagePlace.Archive archive => FromArchiveAsync(archive, use, cancellationToken),
        _ => throw new InvalidOperationException($"An unknown place: {place}"),
    };

    private async Task<T> FromRegistryAsync<T>(Reference name, Reach reach, Func<ImageSource, Task<T>> use, CancellationToken cancellationToken)
    {
        var reader = registries.Source(name, reach);
        var manifest = await reader.GetManifestAsync(ManifestKey.Of(name), cancellationToken)
            ?? throw new StrataException($"there is no {name.Familiar} at {name.Registry}", $"`strata tags {name.FamiliarName}` lists what is there");
        using var spool = new LayerSpool(reader, Temporary);
        return await use(new ImageSource(reader, manifest) { Name = name, Recoder = () => spool });
    }

    private async Task<T> FromStoreAsync<T>(string text, bool sparse, Func<ImageSource, Task<T>> use, CancellationToken cancellationToken)
    {
        var local = store();
        var (image, found) = new ImageFinder(local).Get(text);
        var medium = new StoreMedium(local, found.Name ?? Reference.Parse("localhost/nameless"), LayerEncoder.Default) { LayersAsKept = true };
        var manifest = (sparse && found.Manifest is { } digest ? await medium.GetManifestAsync(ManifestKey.ByDigest(digest), cancellationToken) : null)
            ?? await medium.ManifestOfAsync(image.Id, found.Manifest, cancellationToken)
            ?? throw new StrataException($"{text} has just been removed from the store");
        return await use(new ImageSource(medium, manifest)
        {
            Name = found.Name,
            IsMadeUp = local.Manifests.Find(manifest.Digest) is null,
            IsSparse = true,
            Recoder = () => new StoreRecoder(local),
        });
    }

    private async Task<T> FromLayoutAsync<T>(ImagePlace.Layout place, Func<ImageSource, Task<T>> use, CancellationToken cancellationToken)
    {
        var layout = OciLayout.Open(Path.GetFullPath(place.Path, environment.WorkingDirectory));
        var entries = await layout.ListAsync(cancellationToken);
        var entry = place.Name is { } name ? await layout.FindAsync(name, cancellationToken)
            : entries is [var only] ? only
            : throw SeveralIn(place.Path, entries.Count, place);
        var manifest = entry is null ? null : await layout.GetManifestAsync(ManifestKey.ByDigest(entry.Digest), cancellationToken);
        using var spool = new LayerSpool(layout, Temporary);
        return await use(new ImageSource(layout, manifest ?? throw NotIn(place.Path, place.Name))
        {
            Name = Reference.TryParse(place.Name, out var reference) && place.Name!.Contains(':', StringComparison.Ordinal) ? reference : null,
            IsSparse = true,
            Recoder = () => spool,
        });
    }

    private async Task<T> FromArchiveAsync<T>(ImagePlace.Archive place, Func<ImageSource, Task<T>> use, CancellationToken cancellationToken)
    {
        using var intake = new FileIntake(Temporary);
        using var archive = place.Path == "-"
            ? await ArchiveInput.TakeAsync(StandardStreams.Input, "standard input", intake, cancellationToken)
            : await ArchiveInput.OpenAsync(Path.GetFullPath(place.Path, environment.WorkingDirectory), intake, cancellationToken);
        var image = place.Name is { } name ? archive.Find(name) ?? throw NotIn(place.Path, name)
            : archive.Images is [var only] ? only
            : throw SeveralIn(place.Path, archive.Images.Count, place);
        using var spool = new LayerSpool(archive, Temporary);
        return await use(new ImageSource(archive, image.Manifest)
        {
            Name = image.Names is [var first, ..] ? first : null,
            // docker packs bare tars under a manifest that it makes for the packing.
            IsMadeUp = image.IsMadeUp || (place.Format == ArchiveFormat.Docker && StoredArrival.IsUnpacked(image.Manifest)),
            IsSparse = true,
            Recoder = () => spool,
        });
    }

    private static StrataException NotIn(string path, string? name) => new($"there is no image '{name}' in {path}");

    private static StrataException SeveralIn(string path, int count, ImagePlace place) => count == 0
        ? new StrataException($"there is no image in {path}")
        : new StrataException($"there are {count} images in {path}", $"say which: {place.Text}:NAME");
}
