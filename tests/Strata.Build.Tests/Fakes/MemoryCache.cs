using System.Collections.Concurrent;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build.Tests;

internal sealed class MemoryCache : IBuildCache
{
    private readonly ConcurrentDictionary<Digest, CachedStep> _steps = [];
    private readonly ConcurrentDictionary<Digest, ReadOnlyMemory<byte>> _traces = [];
    private readonly ConcurrentDictionary<FileIdentity, Digest> _hashes = [];
    private readonly ConcurrentDictionary<Digest, SemaphoreSlim> _leaders = [];

    public int HashesKnown { get; private set; }

    public int HashesAsked { get; private set; }

    public int Leaders { get; private set; }

    public int Steps => _steps.Count;

    /// <summary>What was reported as used, build by build.</summary>
    public List<IReadOnlyCollection<Digest>> Touched { get; } = [];

    /// <summary>What noting the used ones fails with.</summary>
    public Exception? TouchFailure { get; set; }

    public ICollection<Digest> Keys => _steps.Keys;

    public void ForgetSteps() => _steps.Clear();

    public ValueTask<CachedStep?> FindAsync(Digest key, CancellationToken ct) => ValueTask.FromResult(_steps.GetValueOrDefault(key));

    public ValueTask PutAsync(KeptStep step, CancellationToken ct)
    {
        _steps[step.Key] = step.Step;
        if (step.Trace is { } trace)
        {
            _traces[trace.Place] = trace.Bytes;
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask TouchAsync(IReadOnlyCollection<Digest> keys, CancellationToken ct)
    {
        Touched.Add(keys);
        return TouchFailure is null ? ValueTask.CompletedTask : ValueTask.FromException(TouchFailure);
    }

    public ValueTask<ReadOnlyMemory<byte>?> FindTraceAsync(Digest place, CancellationToken ct) =>
        ValueTask.FromResult(_traces.TryGetValue(place, out var trace) ? trace : (ReadOnlyMemory<byte>?)null);

    public ValueTask PutTraceAsync(Digest place, ReadOnlyMemory<byte> trace, CancellationToken ct)
    {
        _traces[place] = trace;
        return ValueTask.CompletedTask;
    }

    public ValueTask<Digest?[]> FindHashesAsync(ReadOnlyMemory<FileIdentity> files, CancellationToken ct)
    {
        var found = new Digest?[files.Length];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = _hashes.TryGetValue(files.Span[i], out var digest) ? digest : null;
            HashesKnown += found[i] is null ? 0 : 1;
        }
        HashesAsked += found.Length;
        return ValueTask.FromResult(found);
    }

    public ValueTask PutHashesAsync(IReadOnlyList<KeyValuePair<FileIdentity, Digest>> hashes, CancellationToken ct)
    {
        foreach (var (file, digest) in hashes)
        {
            _hashes[file] = digest;
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IAsyncDisposable> AcquireLeaderAsync(Digest key, CancellationToken ct)
    {
        var gate = _leaders.GetOrAdd(key, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(ct);
        Leaders++;
        return new Leader(gate);
    }

    private sealed class Leader(SemaphoreSlim gate) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            gate.Release();
            return ValueTask.CompletedTask;
        }
    }
}
