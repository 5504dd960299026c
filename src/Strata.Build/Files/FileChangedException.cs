using Strata.Oci;

namespace Strata.Build;

/// <summary>A file is no longer what it was when the step began; the step starts again.</summary>
internal sealed class FileChangedException(ImagePath path) : Exception($"{path} changed while it was read")
{
    public ImagePath Path { get; } = path;
}
