using Strata.Content.Layers;

namespace Strata.Build;

/// <summary>Runs commands over a stack of layers and keeps what they changed as a new layer.</summary>
public interface IStepExecutor
{
    ValueTask<StepOutcome> RunAsync(RunStep step, IVertexOutput output, CancellationToken cancellationToken);
}

/// <summary>How a command ended. What could not be started at all (no runtime, no such user) is a <see cref="StepException"/>.</summary>
public abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    /// <param name="Layer">The layer of what changed, already in the store; null when nothing did.</param>
    public sealed record Succeeded(LayerIndex? Layer) : StepOutcome;

    /// <param name="ExitCode">As a shell gives it: 128 and the number for a signal.</param>
    public sealed record Failed(int ExitCode) : StepOutcome;
}

/// <summary>A step could not be run; the message is one sentence that says why and what to do.</summary>
public sealed class StepException(string message, Exception? inner = null) : Exception(message, inner);
