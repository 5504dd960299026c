using Strata.Oci;

namespace Strata.Host.Images;

/// <summary>A line of an image's history, and the layer that it made.</summary>
/// <param name="Entry">Null for a layer that the history does not tell of.</param>
/// <param name="Layer">Null for a step that changed no file.</param>
public sealed record ImageStep(HistoryEntry? Entry, Digest? Layer)
{
    /// <summary>The instruction in one line; empty where nobody wrote it down.</summary>
    public string Instruction => (Entry?.CreatedBy ?? "").ReplaceLineEndings(" ").Replace(" # buildkit", "", StringComparison.Ordinal);

    /// <summary>The steps that made an image, the first first: image-spec config.md, "history" goes with the layers in their order.</summary>
    public static IReadOnlyList<ImageStep> Of(ImageConfig config)
    {
        var layers = new Queue<Digest>(config.RootFs.DiffIds);
        var steps = (config.History ?? [])
            .Select(entry => new ImageStep(entry, entry.EmptyLayer is true || !layers.TryDequeue(out var layer) ? null : layer))
            .ToList();
        steps.AddRange(layers.Select(layer => new ImageStep(null, layer)));
        return steps;
    }
}
