using Strata.Oci;

namespace Strata.Registry;

/// <summary>What one request or one client may take of the server.</summary>
public sealed record RegistryLimits
{
    /// <summary>In bytes; the spec asks for at least 4 MiB.</summary>
    public int MaxManifestSize { get; init; } = Manifest.MaxSize;

    /// <summary>How long a body may stand still before the request is given up. There is no limit on its total time.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an upload session is kept after its last byte.</summary>
    public TimeSpan UploadLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The longest page of a list; what remains is reached by its Link header.</summary>
    public int MaxPageSize { get; init; } = 10_000;

    /// <summary>Tags in one manifest push; more are answered 414.</summary>
    public int MaxTagsPerPush { get; init; } = 100;

    /// <summary>Memory for manifests that are asked for again, in bytes.</summary>
    public long ManifestCacheSize { get; init; } = 32 * 1024 * 1024;
}
