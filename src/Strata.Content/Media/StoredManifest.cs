using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>A manifest or index as it lies in a medium: the bytes, and the media type under which they were received.</summary>
public sealed record StoredManifest(ReadOnlyMemory<byte> Raw, string MediaType)
{
    /// <summary>The sha256, unless it is listed, or was asked for, under another.</summary>
    public Digest Digest { get; private init; } = Digest.Of(Raw.Span);

    /// <summary>The same under a digest of another algorithm; null where that is not its own.</summary>
    public StoredManifest? Under(Digest digest) => digest == Digest ? this
        : ContentHasher.DigestOf(Raw.Span, digest.Algorithm) == digest ? this with { Digest = digest }
        : null;

    public Descriptor Descriptor => new() { MediaType = MediaType, Digest = Digest, Size = Raw.Length };
}
