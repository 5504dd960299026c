using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;

namespace Strata.Runtime.Steps;

/// <summary>The outer end of a contained process: its lifeline, the request it reads, the outcome it writes, its output.</summary>
internal sealed class Contained : IDisposable
{
    /// <summary>Numbers inside.</summary>
    internal const int LifelineFd = 3, RequestFd = 4, OutcomeFd = 5;

    // An outcome fits into the pipe, so it can be read when the process has ended.
    private const int LargestOutcome = 64 * 1024;

    private readonly SafeFileHandle _lifeline;
    private readonly SafeFileHandle _request;
    private readonly SafeFileHandle _outcome;

    private Contained(ChildProcess process, SafeFileHandle lifeline, SafeFileHandle request, SafeFileHandle outcome, SafeFileHandle[] outputs)
    {
        Process = process;
        _lifeline = lifeline;
        _request = request;
        _outcome = outcome;
        Output = outputs[0];
        Error = outputs[1];
    }

    internal ChildProcess Process { get; }
    internal SafeFileHandle Output { get; }
    internal SafeFileHandle Error { get; }

    internal static Contained Start(string executable)
    {
        var lifeline = Pipes.Create();
        var request = Pipes.Create();
        var outcome = Pipes.Create();
        var output = Pipes.Create();
        var error = Pipes.Create();
        SafeFileHandle[] inner = [lifeline.Read, request.Read, outcome.Write, output.Write, error.Write];
        try
        {
            var process = ChildProcess.Start(new ProcessStart
            {
                Path = executable,
                Arguments = NativeEntry.ContainArguments("strata", LifelineFd, RuntimeEntry.Step),
                WorkingDirectory = "/",
                Descriptors =
                [
                    (output.Write, 1), (error.Write, 2), (lifeline.Read, LifelineFd), (request.Read, RequestFd), (outcome.Write, OutcomeFd),
                ],
                // Ctrl-C is this process's to handle.
                NewSession = true,
            });
            return new Contained(process, lifeline.Write, request.Write, outcome.Read, [output.Read, error.Read]);
        }
        catch (LinuxException failure)
        {
            foreach (var end in new[] { lifeline.Write, request.Write, outcome.Read, output.Read, error.Read })
            {
                end.Dispose();
            }

            throw new OciRuntimeException($"a step could not be started: {failure.Message}", failure);
        }
        finally
        {
            foreach (var end in inner)
            {
                end.Dispose();
            }
        }
    }

    /// <summary>Kills it and all it started.</summary>
    internal void Cut() => _lifeline.Dispose();

    internal void Send(ReadOnlySpan<byte> request)
    {
        try
        {
            using var stream = new DescriptorStream(_request);
            stream.Write(request);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EPIPE)
        {
            // It died before it read: its end tells more than this would.
        }
    }

    /// <summary>Null when it ended without a word.</summary>
    internal StepOutcome? ReadOutcome()
    {
        using var stream = new DescriptorStream(_outcome);
        var buffer = new byte[LargestOutcome];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length == 0 ? null : JsonSerializer.Deserialize(buffer.AsSpan(0, length), RuntimeJson.Plain.StepOutcome);
    }

    public void Dispose()
    {
        Cut();
        _request.Dispose();
        _outcome.Dispose();
        Output.Dispose();
        Error.Dispose();
        Process.Dispose();
    }
}
