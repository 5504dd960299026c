using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>What earlier builds left: results by step key, traces that explain misses, content digests of files.</summary>
public interface IBuildCache
{
    /// <summary>The result of a step; null when there's none, or when its layer is no longer in the store.</summary>
    ValueTask<CachedStep?> FindAsync(Digest key, CancellationToken cancellationToken);

    /// <summary>Keeps a result, and what its trace says, at once.</summary>
    ValueTask PutAsync(KeptStep step, CancellationToken cancellationToken);

    /// <summary>Notes that results were found and used, so that they are kept longer than those nobody uses. Called once, when a build ends.</summary>
    ValueTask TouchAsync(IReadOnlyCollection<Digest> keys, CancellationToken cancellationToken);

    /// <summary>What the last build recorded about the inputs of the step at this place of the Dockerfile; opaque.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindTraceAsync(Digest place, CancellationToken cancellationToken);

    ValueTask PutTraceAsync(Digest place, ReadOnlyMemory<byte> trace, CancellationToken cancellationToken);

    /// <summary>Content digests in the order of <paramref name="files"/>, null where none is known. Made for 50,000 at once.</summary>
    ValueTask<Digest?[]> FindHashesAsync(ReadOnlyMemory<FileIdentity> files, CancellationToken cancellationToken);

    ValueTask PutHashesAsync(IReadOnlyList<KeyValuePair<FileIdentity, Digest>> hashes, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until this is the only build on the machine that works on the step. The caller looks the step up again
    /// before it works, and releases by disposing.
    /// </summary>
    ValueTask<IAsyncDisposable> AcquireLeaderAsync(Digest key, CancellationToken cancellationToken);
}

/// <summary>The result of a step that may be used again.</summary>
/// <param name="Layer">The diff id; null for a step that changed nothing and so has no layer.</param>
/// <param name="LayerSize">Of the uncompressed tar, in bytes.</param>
/// <param name="Newest">The latest time in the layer.</param>
public sealed record CachedStep(Digest? Layer, long LayerSize, FileTime Newest);

/// <summary>A result to keep.</summary>
/// <param name="Description">For people: the step as the progress names it.</param>
/// <param name="Trace">What there is to record about its inputs; null where the step has no place in a Dockerfile.</param>
public sealed record KeptStep(Digest Key, CachedStep Step, string Description, StepInputs? Trace);

/// <param name="Place">In the Dockerfile.</param>
/// <param name="Bytes">Opaque.</param>
public sealed record StepInputs(Digest Place, ReadOnlyMemory<byte> Bytes);
