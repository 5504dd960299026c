namespace Strata.Content.Layers;

/// <summary>Unpacks a layer into a directory that can be a lower directory of an overlay mount, and indexes it in the same pass.</summary>
public static class LayerExtractor
{
    /// <summary>
    /// Reads <paramref name="tar"/> to its end. The directory exists and is empty; after an exception it holds a part of the layer and is to be removed.
    /// Nothing outside of it is touched, whatever the tar says. Neither is anything made durable; and whether the tar was the right one
    /// the caller sees by the index's diff id.
    /// </summary>
    public static LayerIndex Extract(Stream tar, string targetDirectory, ExtractOptions options, CancellationToken cancellationToken)
    {
        using var reading = new LayerReading(tar, options.Limits, new LayerTarget(targetDirectory, options), cancellationToken);
        return reading.Run();
    }
}
