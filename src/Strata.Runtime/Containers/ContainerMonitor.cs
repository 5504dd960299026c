using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Runtime.Bundles;

namespace Strata.Runtime.Containers;

/// <summary>
/// The process of a container's life: init of its namespaces, parent of its program, holder of its lock, writer of its
/// log and of how it ended.
/// </summary>
internal sealed class ContainerMonitor(ContainerDirectory directory, MonitorRequest request, FileStream control, TimeProvider time)
{
    /// <summary>Somebody sees its output, or has put it where it is kept: a gigabyte that goes through a pipe must not fill the disk as well.</summary>
    private const long LongestForegroundLog = 64 * 1024 * 1024;

    private readonly SignalGate _signals = new();

    /// <summary>Its program runs, and its starter has been told.</summary>
    private bool _started;

    internal static async Task<int> RunAsync(string path)
    {
        var directory = new ContainerDirectory(path);
        // Before the lock: whoever sees it held may write.
        var control = directory.OpenControl();
        await using var closing = control;
        // Somebody asking whether it lives may hold the lock for a moment.
        using var alive = await FileLock.AcquireAsync(directory.AliveLock, exclusive: true, CancellationToken.None);
        var request = ContainerDirectory.Read(directory.RequestFile, RuntimeJson.Plain.MonitorRequest)
            ?? throw new OciRuntimeException($"{directory.RequestFile} is missing: there is nothing to run");
        return await new ContainerMonitor(directory, request, control, TimeProvider.System).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        ContainerExit exit;
        try
        {
            exit = await WatchAsync();
        }
        catch (OciRuntimeException problem)
        {
            exit = Exit(problem.ExitCode, problem.Message, null);
        }
        catch (Exception failure) when (IsOfFiles(failure))
        {
            // With this process everything inside ends.
            exit = _started
                ? Exit(128 + SignalNumber.SIGKILL, $"the container was ended, because it could not be watched any more: {failure.Message}", null)
                : Exit(125, $"the container could not be started: {failure.Message}", null);
        }
        // The files before the word: whoever hears it may read them.
        try
        {
            directory.GiveBallastBack();
            ContainerDirectory.Write(directory.ExitFile, exit, RuntimeJson.Plain.ContainerExit, durable: !request.Ephemeral);
        }
        catch (Exception failure) when (IsOfFiles(failure))
        {
            // The disk is broken, or the directory gone. Whoever waits for this process still gets the code from it.
        }
        if (!_started && exit.Problem is { } reason)
        {
            TellStarter(new MonitorReady { Problem = reason, ExitCode = exit.Code });
        }

        return exit.Code;
    }

    private static bool IsOfFiles(Exception failure) => failure is IOException or UnauthorizedAccessException;

    private async Task<ContainerExit> WatchAsync()
    {
        var bundle = Bundle.Assemble(request.Bundle);
        try
        {
            // Whoever shuts the machine down ends its containers the way they want to be ended.
            using var shutdown = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                _signals.Send(request.StopSignal);
            });
            using var log = new LogWriter(directory.LogFile, time, request.Attached ? LongestForegroundLog : null);
            using var streams = new MonitorStreams(request, log, request.Bundle.Container.Terminal ? bundle.ListenForTerminal() : null);
            ListenToControl(streams);
            if (request.Attached)
            {
                MonitorStreams.Start(streams.LetGoWithoutStarter);
            }

            using var program = await StartAsync(bundle, streams);
            var status = await program.WaitAsync(CancellationToken.None);
            _signals.Close();
            streams.Drain();
            log.Finish(sync: !request.Ephemeral);
            return Exit(status.ShellCode, null, log.Problem);
        }
        finally
        {
            bundle.RemoveControlGroup();
        }
    }

    private async Task<ChildProcess> StartAsync(Bundle bundle, MonitorStreams streams)
    {
        using var runtime = ChildProcess.Start(bundle.RunDetached(streams.Descriptors));
        streams.PumpPipes();
        var started = await runtime.WaitAsync(CancellationToken.None);
        if (!started.IsSuccess || bundle.ProcessId is not { } pid)
        {
            streams.Drain();
            throw new OciRuntimeException($"the container could not be started: {streams.Reason}") { ExitCode = CodeOf(streams.Reason) };
        }
        await BecomeParentAsync(pid);
        var program = ChildProcess.Adopt(pid);
        streams.PumpTerminal();
        ContainerDirectory.Write(directory.StartFile, new ContainerStart(time.GetUtcNow()), RuntimeJson.Plain.ContainerStart, durable: false);
        _signals.Open(program);
        _started = true;
        TellStarter(new MonitorReady());
        return program;
    }

    /// <summary>
    /// Orphans are the init's. crun leaves the making to a child of its own, which may outlive it by a moment.
    /// </summary>
    private static async Task BecomeParentAsync(int pid)
    {
        while (ParentOf(pid) is { } parent && parent != Environment.ProcessId)
        {
            using var maker = PidHandle.Open(parent);
            if (maker is not null)
            {
                await maker.WaitExitAsync(CancellationToken.None);
            }
        }
    }

    private static int? ParentOf(int pid)
    {
        const string Field = "PPid:\t";
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")).FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
        return line is null ? null : Number(line[Field.Length..]);
    }

    /// <summary>What only exec itself could tell, in the words of the two runtimes.</summary>
    private static int CodeOf(string reason) => reason switch
    {
        _ when reason.Contains("no such file or directory", StringComparison.OrdinalIgnoreCase) => 127,
        _ when reason.Contains("permission denied", StringComparison.OrdinalIgnoreCase) => 126,
        _ when reason.Contains("exec format error", StringComparison.OrdinalIgnoreCase) => 126,
        _ => 125,
    };

    private void ListenToControl(MonitorStreams streams) => MonitorStreams.Start(() =>
    {
        using var lines = new StreamReader(control);
        while (lines.ReadLine() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["signal", var signal] when Number(signal) is > 0 and <= 64 and var number:
                    _signals.Send(number);
                    break;
                case ["size", var columns, var rows] when Number(columns) is { } width && Number(rows) is { } height:
                    streams.Resize(new TerminalSize(width, height));
                    break;
            }
        }
    });

    private static int? Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private ContainerExit Exit(int code, string? problem, string? logProblem) =>
        new() { Code = code, FinishedAt = time.GetUtcNow(), Problem = problem, LogProblem = logProblem };

    private void TellStarter(MonitorReady word)
    {
        if (request.Attached)
        {
            return;
        }

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
