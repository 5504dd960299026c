using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>How a copy ended. A closed family.</summary>
public abstract record CopyResult
{
    private CopyResult()
    {
    }

    /// <summary>The target has it all; <paramref name="Manifest"/> is what the tag points at there.</summary>
    public sealed record Copied(StoredManifest Manifest) : CopyResult;

    /// <summary>The source has no such manifest.</summary>
    public sealed record NotFound : CopyResult;

    /// <summary>The source has an index, with these platforms only.</summary>
    public sealed record NoSuchPlatform(Platform Wanted, IReadOnlyList<Platform> Offered) : CopyResult;
}
