using System.Collections.Concurrent;
using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// Solves a graph: every vertex once, those that don't wait for each other at the same time. The first failure ends the rest.
/// </summary>
internal sealed class Solver : IDisposable
{
    // A RUN leaves its core idle often enough that two at a time pay off even on one.
    private const int FewestAtOnce = 2;

    private readonly StepSolver _steps;
    private readonly ProgressReporter _progress;
    private readonly ConcurrentDictionary<Digest, Lazy<Task<FileSystem>>> _results = [];
    private readonly SemaphoreSlim _slots = new(Math.Max(FewestAtOnce, Environment.ProcessorCount));
    private readonly CancellationTokenSource _stop;
    private Exception? _failure;

    public Solver(StepSolver steps, ProgressReporter progress, CancellationToken cancellationToken)
    {
        _steps = steps;
        _progress = progress;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>The result of a vertex, and of all that it needs. When it throws, nothing is at work any more.</summary>
    public async Task<IReadOnlyDictionary<Digest, FileSystem>> SolveAsync(Vertex target)
    {
        try
        {
            await SolveOnceAsync(target);
        }
        catch (Exception e)
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_results.Values.Select(result => result.Value)).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            // What failed first is why; the others were stopped for it.
            throw _failure is not null && !ReferenceEquals(_failure, e) ? _failure : Rethrow(e);
        }
        var results = new Dictionary<Digest, FileSystem>();
        foreach (var (id, result) in _results)
        {
            results.Add(id, await result.Value);
        }
        return results;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _slots.Dispose();
    }

    private static Exception Rethrow(Exception e)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
        return e;
    }

    private Task<FileSystem> SolveOnceAsync(Vertex vertex) =>
        _results.GetOrAdd(vertex.Id, _ => new Lazy<Task<FileSystem>>(() => SolveAsyncCore(vertex))).Value;

    private async Task<FileSystem> SolveAsyncCore(Vertex vertex)
    {
        // Off the caller's stack: a graph is as deep as a Dockerfile is long.
        await Task.Yield();
        var inputs = await Task.WhenAll(vertex.Inputs.Where(input => input.Op is not ContextOp).Select(SolveOnceAsync));
        _stop.Token.ThrowIfCancellationRequested();
        switch (vertex.Op)
        {
            case ScratchOp:
                return FileSystem.Empty;
            case ImageOp image:
                var output = _progress.Start(vertex.Id, vertex.Name);
                output.Done(null);
                return new FileSystem([.. image.Image.Config.RootFs.DiffIds], image.Newest, null);
            default:
                return await SolveStepAsync(vertex, inputs);
        }
    }

    private async Task<FileSystem> SolveStepAsync(Vertex vertex, FileSystem[] inputs)
    {
        var output = _progress.Start(vertex.Id, vertex.Name);
        try
        {
            var source = inputs.Length > 1 ? inputs[1] : null;
            var (step, cached) = await _steps.SolveAsync(new StepTask(vertex, inputs[0], source, output), _slots, _stop.Token);
            var result = inputs[0].With(step);
            if (cached)
            {
                output.Cached();
            }
            else
            {
                output.Done(result.Own);
            }
            return result;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            output.Canceled();
            throw;
        }
        catch (Exception e)
        {
            var failure = _steps.Explain(vertex, output, e);
            Interlocked.CompareExchange(ref _failure, failure, null);
            output.Failed(failure.Message);
            await _stop.CancelAsync();
            throw failure;
        }
    }
}
