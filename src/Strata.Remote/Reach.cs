using Strata.Remote.Retrying;

namespace Strata.Remote;

/// <summary>How a registry is reached this time, besides what the configuration says.</summary>
public sealed record Reach
{
    public static Reach Usual { get; } = new();

    /// <summary>Take any certificate, and plain HTTP where there is no TLS.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>Fetch layers that a registry does not have from the URLs that the manifest gives for them; https only, without credentials.</summary>
    public bool FetchesForeignLayers { get; init; }

    /// <summary>Told of everything that is tried again.</summary>
    public IProgress<RetryNotice>? Retries { get; init; }
}
