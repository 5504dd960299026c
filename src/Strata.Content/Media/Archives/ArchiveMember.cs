using Strata.Oci;

namespace Strata.Content.Media.Archives;

/// <summary>A file of an archive, and where its bytes are: in the archive, in memory, or with whoever took them out.</summary>
internal sealed record ArchiveMember(string Name, long Size)
{
    public long Offset { get; init; }

    /// <summary>Known where the bytes were taken out.</summary>
    public Digest? Digest { get; init; }

    public byte[]? Bytes { get; init; }
}
