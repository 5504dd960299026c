using System.Buffers.Binary;
using Strata.Build;
using Strata.Linux;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Building;

/// <summary>The store's build cache, as a build sees it.</summary>
internal sealed class StoreBuildCache(BuildCacheStore cache) : IBuildCache
{
    // layer size, newest seconds: int64; newest nanoseconds: uint32; little endian.
    private const int ResultLength = 20;

    public async ValueTask<CachedStep?> FindAsync(Digest key, CancellationToken cancellationToken)
    {
        // A result of another form is another version's: not ours to use.
        if (await cache.FindAsync(key, cancellationToken) is not { Result.Length: ResultLength, Layers.Count: <= 1 } record)
        {
            return null;
        }
        var result = record.Result.Span;
        return new CachedStep(
            record.Layers is [var layer] ? layer : null,
            BinaryPrimitives.ReadInt64LittleEndian(result),
            new FileTime(BinaryPrimitives.ReadInt64LittleEndian(result[8..]), BinaryPrimitives.ReadUInt32LittleEndian(result[16..])));
    }

    public async ValueTask PutAsync(KeptStep kept, CancellationToken cancellationToken)
    {
        var step = kept.Step;
        var result = new byte[ResultLength];
        BinaryPrimitives.WriteInt64LittleEndian(result, step.LayerSize);
        BinaryPrimitives.WriteInt64LittleEndian(result.AsSpan(8), step.Newest.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(16), step.Newest.Nanoseconds);
        IReadOnlyList<Digest> layers = step.Layer is { } layer ? [layer] : [];
        await cache.PutAsync(
            new BuildStepRecord(kept.Key, layers, result, step.LayerSize, kept.Description)
            {
                Trace = kept.Trace is { } trace ? new BuildStepTrace(trace.Place, trace.Bytes) : null,
            },
            cancellationToken);
    }

    public async ValueTask TouchAsync(IReadOnlyCollection<Digest> keys, CancellationToken cancellationToken) => await cache.TouchAsync(keys, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> FindTraceAsync(Digest place, CancellationToken cancellationToken) => ValueTask.FromResult(cache.FindTrace(place));

    public async ValueTask PutTraceAsync(Digest place, ReadOnlyMemory<byte> trace, CancellationToken cancellationToken) => await cache.PutTraceAsync(place, trace, cancellationToken);

    public ValueTask<Digest?[]> FindHashesAsync(ReadOnlyMemory<FileIdentity> files, CancellationToken cancellationToken) =>
        ValueTask.FromResult(cache.FileHashes.Find(files));

    public async ValueTask PutHashesAsync(IReadOnlyList<KeyValuePair<FileIdentity, Digest>> hashes, CancellationToken cancellationToken) =>
        await cache.FileHashes.PutAsync(hashes, cancellationToken);

    public ValueTask<IAsyncDisposable> AcquireLeaderAsync(Digest key, CancellationToken cancellationToken) => cache.AcquireLeaderAsync(key, cancellationToken);
}
