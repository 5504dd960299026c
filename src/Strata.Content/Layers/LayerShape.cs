using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>What a layer's directory needs at its end, when all files are in it.</summary>
/// <param name="Marks">The whiteouts.</param>
/// <param name="KindAt">What the layer itself has at a path; null for nothing.</param>
/// <param name="Directories">All of them, the root first, parents before what is in them; without attributes
/// those that are only implied. The path is not in the attributes.</param>
internal sealed record LayerShape(
    bool SelfContained,
    IEnumerable<(ImagePath Path, EntryKind Kind)> Marks,
    Func<ImagePath, EntryKind?> KindAt,
    IReadOnlyList<(ImagePath Path, LayerEntry? Own)> Directories);
