using System.Collections.Concurrent;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Solves one step: from the cache where its key is known there, else by doing it, as the only build on the machine that does.</summary>
internal sealed class StepSolver(BuildPorts ports, StepPreparer preparer, FailureWriter failures, bool noCache)
{
    private const int MostAttempts = 4;

    private readonly ConcurrentDictionary<Digest, bool> _used = [];

    /// <summary>Tells the cache which of its results this build used.</summary>
    public ValueTask TouchUsedAsync(CancellationToken cancellationToken) => _used.IsEmpty ? ValueTask.CompletedTask : ports.Cache.TouchAsync([.. _used.Keys], cancellationToken);

    public async Task<(CachedStep Step, bool Cached)> SolveAsync(StepTask task, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await TryAsync(task, slots, cancellationToken);
                if (attempt > 1)
                {
                    task.Output.Warn($"{task.Vertex.Name} was started {attempt} times because files changed while they were read; the image has the last state of them");
                }
                return result;
            }
            catch (FileChangedException e)
            {
                (task.Vertex.Inputs[1].Op as ContextOp)?.Tree.Refresh();
                if (attempt == MostAttempts)
                {
                    throw new CopyException($"\"{e.Path}\" keeps changing while it is copied; stop what writes to it, or exclude it in .dockerignore");
                }
            }
        }
    }

    public BuildException Explain(Vertex vertex, VertexReporter output, Exception failure) => failures.Explain(vertex, output.LastLines, failure);

    private async Task<(CachedStep Step, bool Cached)> TryAsync(StepTask task, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        var prepared = await preparer.PrepareAsync(task.Vertex, task.Below, task.Source, task.Output, cancellationToken);
        using var facts = prepared.Facts;
        var key = facts.ToDigest();
        if (await FindAsync(key, cancellationToken) is { } known)
        {
            await FinishCachedAsync(task, prepared, cancellationToken);
            return (known, true);
        }
        task.Output.Missed(await WhyAsync(task.Vertex, facts, cancellationToken));
        await using var leader = await ports.Cache.AcquireLeaderAsync(key, cancellationToken);
        if (await FindAsync(key, cancellationToken) is { } made)
        {
            // Another build made it while this one waited.
            await FinishCachedAsync(task, prepared, cancellationToken);
            return (made, true);
        }
        await slots.WaitAsync(cancellationToken);
        try
        {
            var step = (await prepared.Work(cancellationToken)).ToCached();
            var trace = task.Vertex.Place is { } place ? new StepInputs(place, StepTrace.Write(facts)) : null;
            await ports.Cache.PutAsync(new KeptStep(key, step, task.Vertex.Name, trace), cancellationToken);
            Warn(task, prepared);
            return (step, false);
        }
        finally
        {
            slots.Release();
        }
    }

    private async ValueTask<CachedStep?> FindAsync(Digest key, CancellationToken cancellationToken)
    {
        if (noCache || await ports.Cache.FindAsync(key, cancellationToken) is not { } found)
        {
            return null;
        }
        _used.TryAdd(key, true);
        return found;
    }

    private async ValueTask<string> WhyAsync(Vertex vertex, FactList facts, CancellationToken cancellationToken) => noCache
        ? "--no-cache"
        : StepTrace.Explain(vertex.Place is { } place ? await ports.Cache.FindTraceAsync(place, cancellationToken) : null, facts);

    private static void Warn(StepTask task, PreparedStep prepared)
    {
        foreach (var warning in prepared.Warnings)
        {
            task.Output.Warn(warning);
        }
    }

    private async ValueTask FinishCachedAsync(StepTask task, PreparedStep prepared, CancellationToken cancellationToken)
    {
        Warn(task, prepared);
        // It needs its trace only where there's none yet: those of big copies are big.
        if (task.Vertex.Place is { } place && await ports.Cache.FindTraceAsync(place, cancellationToken) is null)
        {
            await ports.Cache.PutTraceAsync(place, StepTrace.Write(prepared.Facts), cancellationToken);
        }
    }
}

/// <param name="Below">What the step works on.</param>
/// <param name="Source">What a COPY takes from; null for a context's files and for everything else.</param>
internal sealed record StepTask(Vertex Vertex, FileSystem Below, FileSystem? Source, VertexReporter Output);
