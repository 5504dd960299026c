using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>All images of a store with their configs, to compare one with: what it was built on, which layers it shares.</summary>
public sealed class StoredImages
{
    private readonly List<(StoredImage Image, string? Name)> _images = [];

    private StoredImages()
    {
    }

    public static StoredImages Read(LocalStore store)
    {
        var all = new StoredImages();
        foreach (var summary in store.Images.List())
        {
            // What another process removes meanwhile is not there to be compared with.
            if (store.Images.Get(summary.Id) is { } image)
            {
                all._images.Add((image, summary.Names.Count > 0 ? summary.Names[0].Reference.Familiar : null));
            }
        }
        return all;
    }

    /// <summary>The images that an image was built on, nearest to scratch first: their layers and history are the beginning of its own.</summary>
    public IReadOnlyList<ImageBase> BasesOf(StoredImage image) =>
    [
        .. _images
            .Where(candidate => candidate.Image.Id != image.Id && IsBase(candidate.Image.Config, image.Config))
            .Select(candidate => new ImageBase(candidate.Image.Id, candidate.Name, candidate.Image.Config.History!.Count))
            .OrderBy(candidate => candidate.Steps)
            .ThenBy(candidate => candidate.Name is null),
    ];

    /// <summary>By layer, what other images that have it are called.</summary>
    public ILookup<Digest, string> SharingWith(Digest image) => _images
        .Where(other => other.Image.Id != image)
        .SelectMany(other => other.Image.Layers.Distinct().Select(layer => (Layer: layer, Name: other.Name ?? other.Image.Id.Short)))
        .ToLookup(pair => pair.Layer, pair => pair.Name);

    private static bool IsBase(ImageConfig lower, ImageConfig upper)
    {
        var (below, above) = (lower.History ?? [], upper.History ?? []);
        var (layersBelow, layersAbove) = (lower.RootFs.DiffIds, upper.RootFs.DiffIds);
        return below.Count > 0 && below.Count < above.Count
            && layersBelow.Count > 0 && layersBelow.Count <= layersAbove.Count
            && layersBelow.SequenceEqual(layersAbove.Take(layersBelow.Count))
            && below.Zip(above).All(pair => (pair.First.CreatedBy, pair.First.Created) == (pair.Second.CreatedBy, pair.Second.Created));
    }
}

/// <param name="Steps">How many lines of the history are its own.</param>
public sealed record ImageBase(Digest Id, string? Name, int Steps);
