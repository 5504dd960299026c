using Strata.Content.Compression;
using Strata.Host.Images.Places;
using Strata.Oci;

namespace Strata.Host.Images;

public sealed record CopyRequest
{
    public required ImagePlace From { get; init; }

    public required ImagePlace To { get; init; }

    /// <summary>Of an image for several platforms, this one; null is this machine's.</summary>
    public Platform? Platform { get; init; }

    /// <summary>All platforms, in the index that lists them.</summary>
    public bool All { get; init; }

    /// <summary>With what is attached to the image: signatures, lists of what is in it.</summary>
    public bool Recursive { get; init; }

    /// <summary>Take any certificate of the registries, and plain HTTP.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>What layers are compressed with; null leaves them as they are.</summary>
    public LayerForm? Form { get; init; }

    /// <summary>Bare tars that have no manifest of their own stay bare tars, also on the way to a registry.</summary>
    public bool KeepTars { get; init; }
}
