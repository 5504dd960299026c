namespace Strata.Content.Layers;

public static class UpperDirectory
{
    public static UpperResult WriteLayer(string upper, MergedTree lower, LayerBuilder to, UpperOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
