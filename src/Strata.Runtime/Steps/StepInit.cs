using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Runtime.Bundles;

namespace Strata.Runtime.Steps;

/// <summary>The init of a step's namespaces: mounts, runs, tells how it ended. Its output streams are the step's.</summary>
internal static class StepInit
{
    internal static async Task<int> RunAsync()
    {
        var outcome = await OutcomeAsync(ReadRequest());
        using var stream = new DescriptorStream(new SafeFileHandle(Contained.OutcomeFd, ownsHandle: true));
        stream.Write(JsonSerializer.SerializeToUtf8Bytes(outcome, RuntimeJson.Plain.StepOutcome));
        return outcome.ExitCode;
    }

    private static BundleRequest ReadRequest()
    {
        using var stream = new DescriptorStream(new SafeFileHandle(Contained.RequestFd, ownsHandle: true));
        return JsonSerializer.Deserialize(stream, RuntimeJson.Plain.BundleRequest)
            ?? throw new OciRuntimeException("a step was started without saying what to run");
    }

    private static async Task<StepOutcome> OutcomeAsync(BundleRequest request)
    {
        try
        {
            var bundle = Bundle.Assemble(request);
            using var output = new SafeFileHandle(1, ownsHandle: false);
            using var error = new SafeFileHandle(2, ownsHandle: false);
            using var runtime = ChildProcess.Start(bundle.RunAttached([(output, 1), (error, 2)]));
            var ended = await runtime.WaitAsync(CancellationToken.None);
            bundle.RemoveMountPoints();
            // Without a process the code is the runtime's own, and its reason is in the error output.
            return new StepOutcome { ExitCode = ended.IsSuccess || bundle.ProcessId is not null ? ended.ShellCode : 125 };
        }
        catch (OciRuntimeException problem)
        {
            return new StepOutcome { ExitCode = problem.ExitCode, Problem = problem.Message };
        }
        catch (IOException failure)
        {
            return new StepOutcome { ExitCode = 125, Problem = $"the step could not be run: {failure.Message}" };
        }
    }
}
