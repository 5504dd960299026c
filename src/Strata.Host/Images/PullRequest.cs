using Strata.Oci;

namespace Strata.Host.Images;

/// <summary>An image to be fetched, as a person asked for it.</summary>
public sealed record PullRequest
{
    public required Reference Name { get; init; }

    /// <summary>Of an index, the image of this platform.</summary>
    public Platform Platform { get; init; } = Platform.Local;

    /// <summary>Whether an image that stands alone has to be for <see cref="Platform"/> too. Docker takes it as it is unless it was told a platform.</summary>
    public bool IsPlatformRequired { get; init; }

    /// <summary>Take any certificate of the registry, and plain HTTP.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>Fetch layers that are elsewhere from the URLs that the manifest gives.</summary>
    public bool FetchesForeignLayers { get; init; }
}
