using Strata.Oci;

namespace Strata.Content.Media;

/// <summary>What happens to a blob on its way between two media. A closed family; reported through <see cref="IProgress{T}"/>, from several threads.</summary>
public abstract record TransferEvent
{
    private TransferEvent(Descriptor blob) => Blob = blob;

    public Descriptor Blob { get; }

    /// <summary>The blob is on its way; <see cref="Blob"/>'s size is the total.</summary>
    public sealed record Started(Descriptor Subject) : TransferEvent(Subject);

    /// <summary><paramref name="Bytes"/> of it have arrived so far.</summary>
    public sealed record Advanced(Descriptor Subject, long Bytes) : TransferEvent(Subject);

    public sealed record Finished(Descriptor Subject) : TransferEvent(Subject);

    /// <summary>Nothing had to move: the target has it, or mounted it from <paramref name="MountedFrom"/>.</summary>
    public sealed record Skipped(Descriptor Subject, string? MountedFrom) : TransferEvent(Subject);
}
