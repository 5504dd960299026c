using Strata.Content.Layers;
using Strata.Store;

namespace Strata.Host.Images;

/// <summary>An image layer by layer: what each added, changed, deleted, and what is carried along for nothing.</summary>
public sealed record ImageLayers
{
    public required StoredImage Image { get; init; }

    /// <summary>The lowest first.</summary>
    public required IReadOnlyList<LayerReport> Layers { get; init; }

    /// <summary>What a container sees, the largest first.</summary>
    public required IReadOnlyList<LayerFile> Visible { get; init; }

    /// <summary>What later layers hide, the largest first.</summary>
    public required IReadOnlyList<LayerFile> Wasted { get; init; }

    public long TarSize => Layers.Sum(layer => layer.TarSize ?? 0);

    public long FileBytes => Layers.Sum(layer => layer.FileBytes);

    public long WastedBytes => Layers.Sum(layer => layer.WastedBytes);

    /// <summary>Of layers that other images of the store have too.</summary>
    public long SharedBytes => Layers.Where(layer => layer.SharedWith.Count > 0).Sum(layer => layer.TarSize ?? 0);

    /// <summary>Of the bytes in all files of all layers, the share that a container sees; 1 for an image without files.</summary>
    public double Efficiency => FileBytes == 0 ? 1 : (double)(FileBytes - WastedBytes) / FileBytes;

    /// <summary>Reads the indexes, and makes those that there are none of yet.</summary>
    public static async Task<ImageLayers> ReadAsync(LocalStore store, StoredImage image, CancellationToken cancellationToken)
    {
        var steps = ImageStep.Of(image.Config).Where(step => step.Layer is not null).ToList();
        var indexes = new LayerIndex?[steps.Count];
        for (var number = 0; number < steps.Count; number++)
        {
            // A layer may be absent: its content lies in a registry, and nobody has needed it yet.
            indexes[number] = await store.Layers.LeaseAsync(steps[number].Layer!.Value, cancellationToken)
                ? await store.Layers.OpenIndexAsync(steps[number].Layer!.Value, cancellationToken)
                : null;
        }
        var sharing = StoredImages.Read(store).SharingWith(image.Id);
        return new LayerComparison(indexes, cancellationToken).Report(image, steps, sharing);
    }
}
