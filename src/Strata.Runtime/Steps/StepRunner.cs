using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Runtime.Bundles;
using Strata.Runtime.Steps;

namespace Strata.Runtime;

/// <summary>
/// Runs build steps, each under an init of its own pid and mount namespace. The step lives no longer than this process:
/// when it ends, however it ends, its end of the lifeline closes and the kernel kills all of the step and drops its mounts.
/// </summary>
/// <param name="executable">The published strata executable, which is started again for each step.</param>
/// <param name="runtime">What makes the containers.</param>
public sealed class StepRunner(string executable, OciRuntime runtime)
{
    private const int ReaderStack = 256 * 1024;
    private int _runs;

    /// <summary>
    /// The exit code of what ran: 128 + n when signal n killed it, 127 and 126 when the program was not found or not
    /// executable (a sentence is then in the error output). Cancelling kills the step.
    /// </summary>
    /// <exception cref="OciRuntimeException">The step could not be prepared.</exception>
    public async Task<int> RunAsync(StepSpec step, IStepOutput output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(output);
        cancellationToken.ThrowIfCancellationRequested();
        if (runtime.Kind == OciRuntimeKind.Crun)
        {
            return await RunAsync(Request(step), output, cancellationToken);
        }

        if (Interlocked.Increment(ref _runs) == 1)
        {
            ControlGroups.Sweep();
        }

        var request = Request(step);
        try
        {
            return await RunAsync(request, output, cancellationToken);
        }
        finally
        {
            // There only when runc was killed with the step.
            ControlGroups.Remove(request.Id);
        }
    }

    private async Task<int> RunAsync(BundleRequest bundle, IStepOutput output, CancellationToken cancellationToken)
    {
        var request = JsonSerializer.SerializeToUtf8Bytes(bundle, RuntimeJson.Plain.BundleRequest);
        using var child = Contained.Start(executable);
        // Closing the lifeline is what kills; the wait below then ends.
        await using var cancelling = cancellationToken.Register(child.Cut);
        var readers = Task.WhenAll(
            Relay(child.Output, OutputStream.Output, output, child),
            Relay(child.Error, OutputStream.Error, output, child));
        child.Send(request);
        var ended = await child.Process.WaitAsync(CancellationToken.None);
        await readers;
        cancellationToken.ThrowIfCancellationRequested();
        var outcome = child.ReadOutcome()
            ?? throw new OciRuntimeException(
                ended.Signal > 0
                    ? $"the process that watches the step was killed by signal {ended.Signal}; out of memory?"
                    : $"the process that watches the step ended with {ended.Code} before the step did");
        if (outcome.Problem is not { } problem)
        {
            return outcome.ExitCode;
        }

        if (outcome.ExitCode == 125)
        {
            throw new OciRuntimeException(problem);
        }

        output.Write(OutputStream.Error, Encoding.UTF8.GetBytes(problem + "\n"));
        return outcome.ExitCode;
    }

    private BundleRequest Request(StepSpec step) => new()
    {
        Runtime = runtime,
        Id = ControlGroups.NewName(),
        Snapshots = step.Snapshots,
        Upper = step.Upper,
        Work = step.Work,
        MountPoint = step.MountPoint,
        Flavor = step.Flavor,
        // What the step changed becomes a layer, which is synced by itself.
        IsVolatile = true,
        Container = step.Container,
    };

    /// <summary>A thread for each stream: a reader that waits must not hold up the others' tasks.</summary>
    private static Task Relay(SafeFileHandle pipe, OutputStream name, IStepOutput output, Contained child)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reader = new Thread(
            () =>
            {
                try
                {
                    using var stream = new DescriptorStream(pipe);
                    var buffer = new byte[32 * 1024];
                    while (stream.Read(buffer) is > 0 and var length)
                    {
                        output.Write(name, buffer.AsSpan(0, length));
                    }

                    done.SetResult();
                }
                catch (Exception failure)
                {
                    // Whatever it is, it belongs to whoever awaits, not to this thread. Nobody takes the output any more, so the step ends.
                    child.Cut();
                    done.SetException(failure);
                }
            },
            ReaderStack);
        reader.IsBackground = true;
        reader.Start();
        return done.Task;
    }
}
