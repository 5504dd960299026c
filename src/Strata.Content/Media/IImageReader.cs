using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>One repository of a medium, for reading: the store, a registry, a layout, an archive, memory.</summary>
public interface IImageReader
{
    /// <summary>The bytes of a manifest or index, checked against the digest if that was asked for; null when the medium has none.</summary>
    ValueTask<StoredManifest?> GetManifestAsync(ManifestKey key, CancellationToken cancellationToken);

    /// <summary>
    /// The bytes of a blob as a stream that verifies itself: reading to the end fails unless size and digest are the descriptor's.
    /// Null when the medium has no such blob. The caller disposes it.
    /// </summary>
    ValueTask<Stream?> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken);
}
