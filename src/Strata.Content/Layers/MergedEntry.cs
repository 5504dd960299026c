using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// What a stack of layers shows at a path. <paramref name="Layer"/> counts from the lowest; <paramref name="Position"/> is
/// the entry's in that layer's index. A directory that no layer has an entry for (it is only implied by what is in it)
/// has position -1, mode 0755 and owner 0:0.
/// </summary>
public readonly record struct MergedEntry(ImagePath Path, int Layer, int Position, LayerEntry Entry);
