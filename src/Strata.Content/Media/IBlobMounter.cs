using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>A writer that can take a blob over from a neighbour without the bytes moving.</summary>
public interface IBlobMounter
{
    /// <summary>Where the blob came from, for people to read; null when no neighbour gave it and the bytes have to be put.</summary>
    ValueTask<string?> TryMountAsync(Descriptor blob, CancellationToken cancellationToken);
}
