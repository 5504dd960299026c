using System.Collections.Concurrent;
using System.Diagnostics;

namespace Strata.EndToEnd;

/// <summary>
/// A dockerd of a workplace's own. It leaves the network as it is, and lives in namespaces of its own (processes, mounts), so that all it
/// started and mounted ends with it; its groups of processes are removed after it.
/// </summary>
internal sealed class DockerDaemon : IAsyncDisposable
{
    private const string Groups = "/sys/fs/cgroup";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Workplace _place;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();

    private DockerDaemon(Workplace place, Process process)
    {
        (_place, _process) = (place, process);
        process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private string Group => Path.GetFileName(_place.Folder);

    private string Socket => $"unix://{_place.PathOf("docker", "socket")}";

    public static async Task<DockerDaemon> StartAsync(Workplace place)
    {
        var dockerd = UnpackedClients.PathOf("dockerd");
        var folder = place.Context("docker", ("daemon.json", $$"""{"deprecated-key-path":"{{place.PathOf("docker", "key.json")}}"}"""));
        var daemon = new DockerDaemon(place, Command.Start(
            "unshare",
            [
                "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "--",
                // It would write there whatever it is told.
                "sh", "-c", "mount -t tmpfs tmpfs /run && exec \"$@\"", "sh",
                dockerd, "--config-file", Path.Combine(folder, "daemon.json"),
                "--data-root", Path.Combine(folder, "data"), "--exec-root", Path.Combine(folder, "exec"),
                "--pidfile", Path.Combine(folder, "pid"), "-H", $"unix://{Path.Combine(folder, "socket")}",
                "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none",
                // The one that works on every file system.
                "--storage-driver", "vfs",
                "--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", Path.GetFileName(place.Folder),
            ],
            new Dictionary<string, string> { ["PATH"] = UnpackedClients.SearchPath }));
        try
        {
            await daemon.WaitUntilReadyAsync();
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <c>docker</c> against it.</summary>
    public async Task<CommandResult> DockerAsync(params string[] arguments) => (await TryAsync(arguments)).Succeeded();

    /// <summary>The id that it has for the image.</summary>
    public async Task<string> IdAsync(string image) => (await DockerAsync("image", "inspect", "-f", "{{.Id}}", image)).LastLine;

    public async ValueTask DisposeAsync()
    {
        // The first process of a namespace takes all others with it, and they are gone when it is.
        if (!_process.HasExited && await FirstInsideAsync() is { } first)
        {
            first.Kill();
            first.Dispose();
        }
        else
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
        RemoveGroups();
    }

    private Task<CommandResult> TryAsync(string[] arguments)
    {
        var environment = _place.Environment(_place.StoreRoot);
        environment["DOCKER_HOST"] = Socket;
        environment["DOCKER_BUILDKIT"] = "0";
        return Command.RunAsync(UnpackedClients.PathOf("docker"), arguments, environment, _place.Folder);
    }

    private async Task WaitUntilReadyAsync()
    {
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Patience && !_process.HasExited; await Task.Delay(50))
        {
            if ((await TryAsync(["version"])).ExitCode == 0)
            {
                return;
            }
        }
        Assert.Fail($"dockerd did not start; the last it said:\n{string.Join('\n', _log.TakeLast(20))}");
    }

    private async Task<Process?> FirstInsideAsync()
    {
        var children = await File.ReadAllTextAsync($"/proc/{_process.Id}/task/{_process.Id}/children");
        return int.TryParse(children.Split(' ')[0], out var id) ? Process.GetProcessById(id) : null;
    }

    private void RemoveGroups()
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        foreach (var group in Directory.GetDirectories(Groups, Group, options).Where(Directory.Exists))
        {
            foreach (var inner in Directory.GetDirectories(group, "*", options).OrderByDescending(path => path.Length))
            {
                Directory.Delete(inner);
            }
            Directory.Delete(group);
        }
    }
}
