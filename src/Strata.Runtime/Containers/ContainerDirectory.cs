using System.Globalization;
using System.Text;
using System.Text.Json;
using Strata.Linux;

namespace Strata.Runtime;

/// <summary>
/// A container's directory, whose files are the truth about it. A container lives exactly as long as its monitor holds
/// the lock on "alive"; the kernel lets go of it however the monitor ends, so no process number is ever trusted. Whoever
/// starts a container holds the lock on "owner" until its monitor has said that it runs; in the foreground, until its end is read.
/// </summary>
public sealed class ContainerDirectory(string path)
{
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(5);

    /// <summary>After SIGKILL; the kernel needs moments, unless the machine is badly overloaded.</summary>
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(30);

    /// <summary>A block: less would take as much room.</summary>
    private const int ReserveSize = 4096;

    private const int OwnersFile = 0x180; // 0600

    private const long BallastSize = 1024 * 1024;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The writable layer, against the snapshots of the image.</summary>
    public string Upper => File("upper");

    internal string Work => File("work");
    internal string MountPoint => File("mount");
    internal string AliveLock => File("alive");
    internal string OwnerLock => File("owner");
    internal string ControlPipe => File("control");
    internal string RequestFile => File("container.json");
    internal string StartFile => File("started.json");
    internal string ExitFile => File("exit.json");
    internal string LogFile => File("container.log");
    private string Ballast => File("ballast");

    public ContainerLog Log => new(this);

    /// <summary>How it was asked to run; null before that is written.</summary>
    public ContainerSpec? Spec() => Read(RequestFile, RuntimeJson.Plain.MonitorRequest)?.Bundle.Container;

    /// <summary>
    /// Somebody is about to start it, or runs it in the foreground and has yet to read how it ended: it is theirs to remove.
    /// Asked after <see cref="Status"/>: an end seen before is one its owner, if there is none now, has read.
    /// </summary>
    public bool HasOwner => IsHeld(OwnerLock);

    public ContainerStatus Status()
    {
        // The order matters. The request is written by an owner, who lets go when the monitor holds its lock: a request
        // that was there, then no owner, then no monitor is a start that came to nothing. And the monitor's lock before the
        // exit file: whoever lets go of it has written the file before.
        var requested = System.IO.File.Exists(RequestFile) || System.IO.File.Exists(AliveLock);
        var owned = HasOwner;
        var startedAt = Read(StartFile, RuntimeJson.Plain.ContainerStart)?.StartedAt;
        var alive = IsAlive;
        var exit = Read(ExitFile, RuntimeJson.Plain.ContainerExit);
        startedAt ??= exit is null ? null : Read(StartFile, RuntimeJson.Plain.ContainerStart)?.StartedAt;
        var phase = (exit, alive, startedAt) switch
        {
            ({ }, _, _) => ContainerPhase.Exited,
            (null, true, null) => ContainerPhase.Starting,
            (null, true, _) => ContainerPhase.Running,
            (null, false, null) when !requested => ContainerPhase.Created,
            (null, false, null) when owned => ContainerPhase.Starting,
            _ => ContainerPhase.Dead,
        };
        return new ContainerStatus(phase, startedAt, exit);
    }

    /// <summary>Sends a signal to the container's program. False: it does not run.</summary>
    public bool Signal(int signal) => Tell(string.Create(CultureInfo.InvariantCulture, $"signal {signal}\n"));

    /// <summary>Asks the program to stop, and kills it when it has not after <paramref name="grace"/>. False: it did not run.</summary>
    /// <param name="signal">Null: the signal it was made with.</param>
    /// <param name="grace">How long it may take to stop by itself.</param>
    /// <param name="time">Measures the grace.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public async Task<bool> StopAsync(int? signal, TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        var asked = signal ?? Read(RequestFile, RuntimeJson.Plain.MonitorRequest)?.StopSignal ?? SignalNumber.SIGTERM;
        if (!Signal(asked))
        {
            return false;
        }

        if (await EndsWithinAsync(grace, time, cancellationToken))
        {
            return true;
        }

        Signal(SignalNumber.SIGKILL);
        return await EndsWithinAsync(KillGrace, time, cancellationToken)
            ? true
            : throw new OciRuntimeException($"the container did not end {KillGrace.TotalSeconds:0} seconds after it was killed: a process in it hangs inside the kernel");
    }

    /// <summary>Returns when it does not run any more. Null: its monitor was killed, and nobody knows how it ended.</summary>
    public async Task<ContainerExit?> WaitAsync(CancellationToken cancellationToken)
    {
        while (Status().Phase is ContainerPhase.Starting or ContainerPhase.Running)
        {
            if (IsAlive)
            {
                (await FileLock.AcquireAsync(AliveLock, exclusive: false, cancellationToken)).Dispose();
            }
            else
            {
                await Task.Delay(StartPause, cancellationToken);
            }
        }
        return Read(ExitFile, RuntimeJson.Plain.ContainerExit);
    }

    /// <summary>Removes everything of a container that does not run. False: it runs.</summary>
    public bool TryRemove()
    {
        if (!Directory.Exists(Path))
        {
            return true;
        }
        // Held while removing, so that it cannot be started meanwhile.
        using var held = FileLock.TryAcquire(AliveLock, exclusive: true);
        if (held is null)
        {
            return false;
        }

        HostFile.RemoveTree(Path);
        return true;
    }

    internal bool IsAlive => IsHeld(AliveLock);

    /// <summary>A line for the monitor, or for the one that is being started. False: there is none.</summary>
    internal bool Tell(string line)
    {
        if (Status().Phase is not (ContainerPhase.Starting or ContainerPhase.Running))
        {
            return false;
        }

        using var pipe = OpenControl();
        pipe.Write(Encoding.ASCII.GetBytes(line));
        return true;
    }

    /// <summary>Opened for both directions a pipe never makes its user wait for the other end, and never comes to an end.</summary>
    internal FileStream OpenControl() => new(ControlPipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    internal void MakeControlPipe()
    {
        using var directory = RootedDirectory.Open(Path);
        directory.MakeNode("control"u8, FileKind.Fifo, 0x180, 0, 0); // 0600
    }

    /// <param name="file">There whole or not at all, and on a full disk too where room was kept.</param>
    /// <param name="value">What it says.</param>
    /// <param name="type">How that is written.</param>
    /// <param name="durable">False: it says nothing that is still true after a crash of the machine, so the disk is not waited for.</param>
    internal static void Write<T>(string file, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, bool durable)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(value, type);
        try
        {
            if (durable)
            {
                Durable.WriteFile(file, content, OwnersFile);
            }
            else
            {
                System.IO.File.WriteAllBytes(file + ".new", content);
                System.IO.File.Move(file + ".new", file, overwrite: true);
            }
        }
        catch (IOException) when (System.IO.File.Exists(ReserveOf(file)))
        {
            // A container may fill the disk itself; how it ended goes where room was kept for it.
            WriteIntoReserve(file, content);
        }
    }

    /// <summary>
    /// Keeps room on the disk, which the container may fill: for what is to be written about it, and for the store, whose
    /// database can't be opened on a disk without a byte left.
    /// </summary>
    internal void Reserve()
    {
        using var ballast = System.IO.File.OpenHandle(Ballast, FileMode.CreateNew, FileAccess.Write, preallocationSize: BallastSize);
        foreach (var file in new[] { StartFile, ExitFile })
        {
            using var reserve = System.IO.File.OpenHandle(ReserveOf(file), FileMode.CreateNew, FileAccess.Write);
            RandomAccess.Write(reserve, Blank(ReserveSize), 0);
        }
    }

    /// <summary>When nothing of the container is there any more to take it.</summary>
    internal void GiveBallastBack() => System.IO.File.Delete(Ballast);

    private static void WriteIntoReserve(string file, byte[] content)
    {
        using (var reserve = System.IO.File.OpenHandle(ReserveOf(file), FileMode.Open, FileAccess.Write))
        {
            // Blanks behind a JSON text mean nothing, and a file that keeps its size needs no room.
            RandomAccess.Write(reserve, [.. content, .. Blank(ReserveSize - content.Length)], 0);
            Durable.Sync(reserve);
        }
        System.IO.File.Move(ReserveOf(file), file, overwrite: true);
    }

    private static string ReserveOf(string file) => file + ".reserve";

    private static byte[] Blank(int length)
    {
        var blank = new byte[Math.Max(0, length)];
        Array.Fill(blank, (byte)' ');
        return blank;
    }

    internal static T? Read<T>(string file, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(file), type);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            // A crash of the machine left it without its content, as it may what was not synced.
            return null;
        }
    }

    private async Task<bool> EndsWithinAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static bool IsHeld(string file)
    {
        if (!System.IO.File.Exists(file))
        {
            return false;
        }

        using var free = FileLock.TryAcquire(file, exclusive: false);
        return free is null;
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
