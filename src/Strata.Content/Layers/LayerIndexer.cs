namespace Strata.Content.Layers;

/// <summary>Reads an uncompressed tar of any origin once, and gives its index.</summary>
public static class LayerIndexer
{
    /// <summary>Reads <paramref name="tar"/> to its end; hashes it and every file in it. Refuses what is unsound with <see cref="InvalidLayerException"/>.</summary>
    public static LayerIndex Index(Stream tar, IndexLimits limits, CancellationToken cancellationToken)
    {
        using var reading = new LayerReading(tar, limits, null, cancellationToken);
        return reading.Run();
    }
}
