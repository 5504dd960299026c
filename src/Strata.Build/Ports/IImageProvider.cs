using Strata.Oci;

namespace Strata.Build;

/// <summary>Finds the images that a build starts from or copies from.</summary>
public interface IImageProvider
{
    /// <summary>
    /// The image for exactly this platform. Called once for every reference of a build, several at a time.
    /// Throws <see cref="BaseImageException"/> when it can't be had.
    /// </summary>
    ValueTask<BaseImage> ResolveAsync(Reference reference, Platform platform, IVertexOutput output, CancellationToken cancellationToken);
}

/// <summary>An image a build may use. Its layers need not be here yet; <see cref="ILayerAccess"/> brings them when asked.</summary>
public sealed record BaseImage
{
    public required ImageConfig Config { get; init; }

    /// <summary>Of the manifest, or of the config where no manifest is known; names the image in the build's provenance.</summary>
    public required Digest Digest { get; init; }
}

/// <summary>An image can't be had; the message is one sentence that says which, why, and what to do.</summary>
public sealed class BaseImageException(string message, Exception? inner = null) : Exception(message, inner);
