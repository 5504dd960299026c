using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Runtime.Bundles;

namespace Strata.Runtime.Containers;

/// <summary>
/// The process of a container's life: init of its namespaces, holder of its lock, writer of its log and of how it ended.
/// </summary>
internal sealed class ContainerMonitor(ContainerDirectory directory, MonitorRequest request, TimeProvider time)
{
    /// <summary>How often to look for the process while the runtime makes it, some ten milliseconds in all.</summary>
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(2);

    private readonly SignalGate _signals = new();

    internal static async Task<int> RunAsync(string path)
    {
        var directory = new ContainerDirectory(path);
        // Somebody asking whether it lives may hold the lock for a moment.
        using var alive = await FileLock.AcquireAsync(directory.AliveLock, exclusive: true, CancellationToken.None).ConfigureAwait(false);
        var request = ContainerDirectory.Read(directory.RequestFile, RuntimeJson.Plain.MonitorRequest)
            ?? throw new OciRuntimeException($"{directory.RequestFile} is missing: there is nothing to run");
        var exit = await new ContainerMonitor(directory, request, TimeProvider.System).RunAsync().ConfigureAwait(false);
        ContainerDirectory.Write(directory.ExitFile, exit, RuntimeJson.Plain.ContainerExit);
        return exit.Code;
    }

    private async Task<ContainerExit> RunAsync()
    {
        try
        {
            var bundle = Bundle.Assemble(request.Bundle);
            // Whoever shuts the machine down ends its containers the way they want to be ended.
            using var shutdown = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                _signals.Send(request.StopSignal);
            });
            using var log = new LogWriter(directory.LogFile, time);
            using var streams = new MonitorStreams(request, log);
            using var runtime = ChildProcess.Start(streams.Connect(bundle.RunCommand([])));
            streams.Pump();
            ListenToControl(streams);
            var ended = runtime.WaitAsync(CancellationToken.None);
            await AwaitStartAsync(bundle, ended).ConfigureAwait(false);
            var status = await ended.ConfigureAwait(false);
            _signals.Close();
            streams.Drain();
            log.Finish();
            return Started ? Exit(status.ShellCode, null, log.Problem) : NotStarted(125, "the container could not be started: its log says why");
        }
        catch (OciRuntimeException problem)
        {
            return NotStarted(problem.ExitCode, problem.Message);
        }
        catch (IOException failure)
        {
            return NotStarted(125, $"the container could not be started: {failure.Message}");
        }
    }

    private bool Started => File.Exists(directory.StartFile);

    private async Task AwaitStartAsync(Bundle bundle, Task runtime)
    {
        int? pid;
        while ((pid = ReadPid(bundle.PidFile)) is null)
        {
            if (runtime.IsCompleted && (pid = ReadPid(bundle.PidFile)) is null)
                return;
            await Task.Delay(StartPause, time, CancellationToken.None).ConfigureAwait(false);
        }
        ContainerDirectory.Write(directory.StartFile, new ContainerStart(time.GetUtcNow()), RuntimeJson.Plain.ContainerStart);
        // It may be over already.
        if (PidHandle.Open(pid.Value) is { } process)
            _signals.Open(process);
        TellStarter(new MonitorReady());
    }

    private static int? ReadPid(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var pid) && pid > 1 ? pid : null;

    private void ListenToControl(MonitorStreams streams)
    {
        var listener = new Thread(
            () =>
            {
                using var lines = new StreamReader(directory.OpenControl());
                while (lines.ReadLine() is { } line)
                {
                    switch (line.Split(' '))
                    {
                        case ["signal", var signal] when int.TryParse(signal, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 64:
                            _signals.Send(number);
                            break;
                        case ["size", var columns, var rows]
                            when int.TryParse(columns, CultureInfo.InvariantCulture, out var width)
                                && int.TryParse(rows, CultureInfo.InvariantCulture, out var height):
                            streams.Resize(width, height);
                            break;
                    }
                }
            },
            MonitorStreams.ThreadStack);
        listener.IsBackground = true;
        listener.Start();
    }

    private ContainerExit NotStarted(int code, string problem)
    {
        TellStarter(new MonitorReady { Problem = problem, ExitCode = code });
        return Exit(code, problem, null);
    }

    private ContainerExit Exit(int code, string? problem, string? logProblem) =>
        new() { Code = code, FinishedAt = time.GetUtcNow(), Problem = problem, LogProblem = logProblem };

    private void TellStarter(MonitorReady word)
    {
        if (request.Attached)
            return;
        try
        {
            using var pipe = new DescriptorStream(new SafeFileHandle(ContainerLauncher.ReadyFd, ownsHandle: true));
            pipe.Write(JsonSerializer.SerializeToUtf8Bytes(word, RuntimeJson.Plain.MonitorReady));
        }
        catch (LinuxException gone) when (gone.Errno == Errno.EPIPE)
        {
            // The starter did not wait for the answer; the files say the same.
        }
    }
}
