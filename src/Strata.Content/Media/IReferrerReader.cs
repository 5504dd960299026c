using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>A reader that can tell what is attached to a manifest (distribution-spec, "Listing Referrers").</summary>
public interface IReferrerReader
{
    /// <summary>The manifests whose subject is <paramref name="subject"/>; empty when there are none.</summary>
    ValueTask<IReadOnlyList<Descriptor>> ListReferrersAsync(Digest subject, CancellationToken cancellationToken);
}
