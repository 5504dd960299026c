namespace Strata.Content.Layers;

/// <summary>The entries that one layer has below a directory: positions <paramref name="First"/> up to <paramref name="End"/>.</summary>
internal readonly record struct LayerPart(int Layer, int First, int End);
