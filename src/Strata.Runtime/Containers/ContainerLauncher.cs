using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Runtime.Bundles;
using Strata.Runtime.Containers;

namespace Strata.Runtime;

/// <summary>
/// Starts containers, each under a monitor: this executable again, as the init of a pid and mount namespace, so that
/// nothing of a container is left when its monitor is gone.
/// </summary>
/// <param name="executable">The published strata executable.</param>
/// <param name="runtime">What makes the containers.</param>
public sealed class ContainerLauncher(string executable, OciRuntime runtime)
{
    /// <summary>Numbers in the monitor.</summary>
    internal const int LifelineFd = 3, LifelineHolderFd = 4, ReadyFd = 5, StarterFd = 6;

    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>So many Ctrl-C or SIGTERM kill the container.</summary>
    private const int Insistence = 3;

    private static readonly (PosixSignal Signal, int Number)[] Forwarded =
    [
        (PosixSignal.SIGINT, SignalNumber.SIGINT), (PosixSignal.SIGTERM, SignalNumber.SIGTERM),
        (PosixSignal.SIGHUP, SignalNumber.SIGHUP), (PosixSignal.SIGQUIT, SignalNumber.SIGQUIT),
        // The framework has no names for these, but takes their numbers.
        ((PosixSignal)SignalNumber.SIGUSR1, SignalNumber.SIGUSR1), ((PosixSignal)SignalNumber.SIGUSR2, SignalNumber.SIGUSR2),
    ];

    /// <summary>Starts a container that goes on without this process; returns when its program runs.</summary>
    /// <exception cref="OciRuntimeException">It could not be started, for the reason and with the exit code given.</exception>
    public async Task StartAsync(ContainerDirectory directory, ContainerRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(request);
        using var owner = await OwnAsync(directory, cancellationToken);
        await using var control = Prepare(directory, request, attached: false);
        var ready = Pipes.Create();
        ChildProcess monitor;
        using (ready.Write)
        {
            monitor = StartMonitor(directory, [(ready.Write, ReadyFd)]);
        }
        using (monitor)
        using (ready.Read)
        {
            try
            {
                await Readiness.ReadableAsync(ready.Read, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                monitor.Signal(SignalNumber.SIGKILL);
                await monitor.WaitAsync(CancellationToken.None);
                throw;
            }
            var told = ReadReady(ready.Read);
            if (told is { Problem: null })
            {
                return;
            }
            // Gone when the caller hears of it, so that the directory can be removed.
            await monitor.WaitAsync(CancellationToken.None);
            throw told is { Problem: { } problem }
                ? new OciRuntimeException(problem) { ExitCode = told.ExitCode }
                : new OciRuntimeException("the container's monitor ended before the container was started; out of memory?");
        }
    }

    /// <summary>
    /// Runs a container for this process: its streams are the given ones, and the signals this process gets go inside. In a
    /// terminal the keys go inside as they are. Returns its exit code. If this process is killed, the container goes on
    /// as one that was started in the background, without those streams; cancelling kills it.
    /// </summary>
    /// <exception cref="OciRuntimeException">It could not be started.</exception>
    public async Task<int> RunAsync(ContainerDirectory directory, ContainerRequest request, ContainerStreams streams, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(streams);
        var terminal = (int)streams.Input.DangerousGetHandle();
        var inTerminal = request.Container.Terminal && Terminal.IsTerminal(terminal);
        if (inTerminal && Terminal.Size(terminal) is var (columns, rows))
        {
            request = request with { Container = request.Container with { TerminalSize = new TerminalSize(columns, rows) } };
        }

        using var owner = await OwnAsync(directory, cancellationToken);
        var control = Prepare(directory, request, attached: true);
        await using var closing = control;
        var starter = Pipes.Create();
        using var held = starter.Write;
        using var raw = inTerminal && request.Interactive ? Terminal.EnterRawMode(terminal) : null;
        var asked = 0;
        var registrations = Forwarded.Select(signal => Forward(signal.Signal, () => Line($"signal {Insisting(signal.Number)}\n"))).ToList();
        if (inTerminal)
        {
            registrations.Add(Forward(PosixSignal.SIGWINCH, () => SizeLine(terminal)));
        }

        try
        {
            using var monitor = StartMonitor(
                directory, [(streams.Input, 0), (streams.Output, 1), (streams.Error, 2), (starter.Read, StarterFd)]);
            starter.Read.Dispose();
            await using var cancelling = cancellationToken.Register(() => monitor.Signal(SignalNumber.SIGKILL));
            var ended = await monitor.WaitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            var exit = directory.Status().Exit
                // On a broken disk there is no file, but the monitor leaves with the program's code.
                ?? (ended.Signal == 0 ? new ContainerExit { Code = ended.Code, FinishedAt = default } : null)
                ?? throw new OciRuntimeException($"the container's monitor was killed ({ended.ShellCode}), and the container with it") { ExitCode = 137 };
            return exit.Problem is { } problem ? throw new OciRuntimeException(problem) { ExitCode = exit.Code } : exit.Code;
        }
        finally
        {
            registrations.ForEach(registration => registration.Dispose());
        }

        // A program that is process 1 ignores what it has no handler for: who asks for the third time means it.
        int Insisting(int signal) => signal is SignalNumber.SIGINT or SignalNumber.SIGTERM && Interlocked.Increment(ref asked) >= Insistence
            ? SignalNumber.SIGKILL
            : signal;

        PosixSignalRegistration Forward(PosixSignal signal, Func<byte[]?> line) => PosixSignalRegistration.Create(
            signal,
            context =>
            {
                context.Cancel = true;
                if (line() is { } bytes)
                {
                    control.Write(bytes);
                }
            });
    }

    private static byte[] Line(FormattableString text) => Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture));

    private static byte[]? SizeLine(int terminal) => Terminal.Size(terminal) is var (columns, rows) ? Line($"size {columns} {rows}\n") : null;

    private ChildProcess StartMonitor(ContainerDirectory directory, IReadOnlyList<(SafeFileHandle Handle, int ChildFd)> descriptors)
    {
        // The monitor holds its own lifeline: it lives until it ends or is killed.
        var lifeline = Pipes.Create();
        using var read = lifeline.Read;
        using var write = lifeline.Write;
        try
        {
            return ChildProcess.Start(new ProcessStart
            {
                Path = executable,
                Arguments = NativeEntry.ContainArguments("strata", LifelineFd, RuntimeEntry.Monitor, directory.Path),
                WorkingDirectory = "/",
                Descriptors = [.. descriptors, (read, LifelineFd), (write, LifelineHolderFd)],
                NewSession = true,
            });
        }
        catch (LinuxException failure)
        {
            throw new OciRuntimeException($"the container's monitor could not be started: {failure.Message}", failure);
        }
    }

    /// <summary>Held until the monitor's word or end is read: nobody then takes the container for dead, or removes it.</summary>
    private static async Task<FileLock> OwnAsync(ContainerDirectory directory, CancellationToken cancellationToken)
    {
        // Not waited for: another one who starts this container holds the lock for as long as it runs.
        RequireNew(directory);
        Directory.CreateDirectory(directory.Path, OwnersOnly);
        // Waited for: somebody asking whether there is an owner may hold it for a moment.
        return await FileLock.AcquireAsync(directory.OwnerLock, exclusive: true, cancellationToken);
    }

    private static void RequireNew(ContainerDirectory directory)
    {
        if (directory.Status().Phase != ContainerPhase.Created)
        {
            throw new OciRuntimeException("this container has been started before; a container runs once");
        }
    }

    /// <summary>Returns the pipe to the monitor, open before anybody can write to it: while nobody has it open, what is written is lost.</summary>
    private FileStream Prepare(ContainerDirectory directory, ContainerRequest request, bool attached)
    {
        if (runtime.Kind == OciRuntimeKind.Runc)
        {
            ControlGroups.Sweep();
        }

        RequireNew(directory);
        foreach (var folder in new[] { directory.Upper, directory.Work, directory.MountPoint })
        {
            Directory.CreateDirectory(folder, OwnersOnly);
        }

        directory.MakeControlPipe();
        var control = directory.OpenControl();
        var monitor = new MonitorRequest
        {
            Bundle = new BundleRequest
            {
                Runtime = runtime,
                Id = ControlGroups.NewName(),
                Snapshots = request.Snapshots,
                Upper = directory.Upper,
                Work = directory.Work,
                MountPoint = directory.MountPoint,
                Flavor = request.Flavor,
                // Else the kernel writes the whole file system to the disk when the mount goes away, before the container's end is told.
                IsVolatile = request.Ephemeral,
                Container = request.Container,
            },
            StopSignal = request.StopSignal,
            Interactive = request.Interactive,
            Attached = attached,
            Ephemeral = request.Ephemeral,
        };
        directory.Reserve();
        ContainerDirectory.Write(directory.RequestFile, monitor, RuntimeJson.Plain.MonitorRequest, durable: false);
        return control;
    }

    private static MonitorReady? ReadReady(SafeFileHandle pipe)
    {
        using var stream = new DescriptorStream(pipe);
        using var text = new MemoryStream();
        stream.CopyTo(text);
        return text.Length == 0 ? null : JsonSerializer.Deserialize(text.ToArray(), RuntimeJson.Plain.MonitorReady);
    }
}
