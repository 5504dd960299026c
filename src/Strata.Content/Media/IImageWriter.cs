using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>One repository of a medium, for writing. Writes are whole or nothing, and repeating one is no error.</summary>
public interface IImageWriter
{
    ValueTask<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellationToken);

    /// <summary>Takes the blob from <paramref name="content"/>, which it reads to the end; a content that is not the descriptor's is refused and leaves nothing.</summary>
    ValueTask PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken);

    /// <summary>Stores a manifest whose blobs are there already, and points <paramref name="tag"/> at it, if given, in the same moment.</summary>
    ValueTask PutManifestAsync(StoredManifest manifest, Tag? tag, CancellationToken cancellationToken);
}
