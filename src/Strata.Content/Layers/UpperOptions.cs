using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

public sealed record UpperOptions
{
    public OverlayFlavor Flavor { get; init; } = OverlayFlavor.Trusted;

    /// <summary>
    /// Paths that do not belong to the step (mount points made for it): they and what is below them never reach the layer, and
    /// that their directory's time moved is no change of the directory.
    /// </summary>
    public IReadOnlySet<ImagePath> Ignored { get; init; } = new HashSet<ImagePath>();
}
