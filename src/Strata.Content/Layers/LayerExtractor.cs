namespace Strata.Content.Layers;

public static class LayerExtractor
{
    public static LayerIndex Extract(Stream tar, string targetDirectory, ExtractOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
