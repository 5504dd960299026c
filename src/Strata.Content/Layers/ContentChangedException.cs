using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>A file had not the size it was announced with when it was copied into a layer: somebody writes to it.</summary>
public sealed class ContentChangedException(ImagePath path, long expected, long? found) : IOException(
    found is { } size
        ? $"{path} changed while it was copied into a layer: it was to have {expected} bytes and has {size}."
        : $"{path} changed while it was copied into a layer: it was to have {expected} bytes and has more.")
{
    public ImagePath Path { get; } = path;
}
