using Strata.Oci;

namespace Strata.Store;

/// <summary>A blob was said to be a layer that it is not.</summary>
public sealed class LayerMismatchException(Digest expected, Digest actual, Digest blob)
    : IOException($"The image's config says that its layer {blob} unpacks to {expected}, but it unpacks to {actual}; the layer is refused. Pull the image again, or ask whoever made it.")
{
    public Digest Expected { get; } = expected;
    public Digest Actual { get; } = actual;
    public Digest Blob { get; } = blob;
}
