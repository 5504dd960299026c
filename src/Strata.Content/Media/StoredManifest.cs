using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>A manifest or index as it lies in a medium: the bytes, and the media type under which they were received.</summary>
public sealed record StoredManifest(ReadOnlyMemory<byte> Raw, string MediaType)
{
    public Digest Digest { get; } = Digest.Of(Raw.Span);

    public Descriptor Descriptor => new() { MediaType = MediaType, Digest = Digest, Size = Raw.Length };
}
