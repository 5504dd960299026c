using System.Diagnostics;

namespace Strata.EndToEnd;

/// <summary>
/// A store of its own in a temporary folder, the published executable to use it with, and a small base image. Everything started
/// here is ended here.
/// </summary>
public sealed class Workplace : IAsyncDisposable
{
    public const string Base = "localhost/busybox:latest";

    private readonly List<Process> _started = [];

    private Workplace(string folder) => Folder = folder;

    public string Folder { get; }

    public string StoreRoot => Path.Combine(Folder, "store");

    public static string Executable => System.Environment.GetEnvironmentVariable("STRATA_EXE") ?? "";

    /// <summary>Skips the calling test where there is no executable to try, or no root to run containers.</summary>
    public static async Task<Workplace> OpenAsync(bool withBase = true)
    {
        Assert.SkipUnless(File.Exists(Executable), "STRATA_EXE does not name the published executable (./test.sh sets it)");
        Assert.SkipUnless(System.Environment.IsPrivilegedProcess, "building and running need root");
        var workplace = new Workplace(Directory.CreateTempSubdirectory("strata-e2e-").FullName);
        if (withBase)
        {
            await workplace.ImportBaseAsync();
        }
        return workplace;
    }

    public string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>Writes files below a new folder; a name that ends with a slash is a folder.</summary>
    public string Context(string name, params (string Path, string Content)[] files)
    {
        var folder = PathOf(name);
        Directory.CreateDirectory(folder);
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(folder, path);
            if (path.EndsWith('/'))
            {
                Directory.CreateDirectory(full);
                continue;
            }
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, content);
        }
        return folder;
    }

    internal Task<CommandResult> StrataAsync(params string[] arguments) => StrataInAsync(StoreRoot, arguments);

    internal Task<CommandResult> StrataInAsync(string root, params string[] arguments) =>
        Command.RunAsync(Executable, arguments, Environment(root));

    internal Process Start(params string[] arguments)
    {
        var process = Command.Start(Executable, arguments, Environment(StoreRoot), redirectInput: true);
        _started.Add(process);
        return process;
    }

    /// <summary>Starts another program that is ended with this workplace.</summary>
    internal Process StartOther(string program, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var process = Command.Start(program, arguments, environment, Folder);
        _started.Add(process);
        return process;
    }

    public Dictionary<string, string> Environment(string root) => new()
    {
        ["STRATA_ROOT"] = root,
        ["DOCKER_CONFIG"] = PathOf("docker-config"),
        ["NO_COLOR"] = "1",
    };

    /// <summary>Ends every program started here.</summary>
    public async Task StopAllAsync()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _started.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllAsync();
        if (Directory.Exists(StoreRoot))
        {
            var containers = await StrataAsync("ps", "-a", "-q");
            foreach (var id in containers.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await StrataAsync("rm", "-f", id);
            }
        }
        Directory.Delete(Folder, recursive: true);
    }

    private async Task ImportBaseAsync()
    {
        var tree = PathOf("base");
        foreach (var folder in new[] { "bin", "etc", "tmp", "root", "usr/bin" })
        {
            Directory.CreateDirectory(Path.Combine(tree, folder));
        }
        File.Copy("/bin/busybox", Path.Combine(tree, "bin/busybox"));
        foreach (var applet in (await Command.RunAsync("/bin/busybox", ["--list"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // busybox names itself too: a link of that name would point at itself.
            if (applet != "busybox")
            {
                File.CreateSymbolicLink(Path.Combine(tree, "bin", applet), "busybox");
            }
        }
        File.WriteAllText(Path.Combine(tree, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n");
        File.WriteAllText(Path.Combine(tree, "etc/group"), "root:x:0:\napp:x:1000:\nextra:x:2000:app\n");
        (await Command.RunAsync("tar", ["-C", tree, "--sort=name", "--mtime=2024-01-01", "--owner=0", "--group=0", "--numeric-owner", "-cf", PathOf("base.tar"), "."])).Succeeded();
        (await StrataAsync("import", PathOf("base.tar"), Base)).Succeeded();
        Directory.Delete(tree, recursive: true);
        File.Delete(PathOf("base.tar"));
    }
}
