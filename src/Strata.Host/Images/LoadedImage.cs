using Strata.Oci;

namespace Strata.Host.Images;

/// <param name="Id">The image's.</param>
/// <param name="Names">What it is called now; empty where the archive gave it no name.</param>
public sealed record LoadedImage(Digest Id, IReadOnlyList<Reference> Names);
