using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Host.Images.Places;

/// <summary>Where an image is written.</summary>
/// <param name="Writer">What it is written to.</param>
/// <param name="Tag">What it is called there.</param>
internal sealed record ImageTarget(IImageWriter Writer, Tag? Tag)
{
    /// <summary>Compressed layers are what is expected there.</summary>
    public bool WantsCompressed { get; init; }

    /// <summary>It is an OCI layout, packed or not, where some readers find no manifest of docker's kind.</summary>
    public bool IsLayout { get; init; }

    /// <summary>The target takes one blob after the other, and the order shows.</summary>
    public bool OneAtATime { get; init; }

    /// <summary>Where images without a manifest worth keeping go instead; null where a manifest is what is kept.</summary>
    public Func<ImageSource, StoredManifest, Task>? TakeUnpacked { get; init; }
}
