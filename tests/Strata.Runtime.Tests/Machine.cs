using Strata.Linux;

namespace Strata.Runtime.Tests;

/// <summary>What real runs need: root, the published executable (STRATA_EXE), the runtime, and busybox for the image. Else the test is skipped.</summary>
internal sealed class Machine : IDisposable
{
    private Machine(string executable, OciRuntime runtime, string folder)
    {
        Executable = executable;
        Runtime = runtime;
        Folder = folder;
        Image = Path.Combine(folder, "image");
        Directory.CreateDirectory(Image);
        foreach (var name in new[] { "bin", "etc", "tmp", "root", "home" })
        {
            Directory.CreateDirectory(Path.Combine(Image, name));
        }

        foreach (var applet in (string[])["sh", "ls", "cat", "id", "echo", "sleep", "true", "false", "stat", "rm", "mkdir", "ln", "env", "pwd", "grep", "kill", "hostname", "stty", "wc", "touch", "mount", "seq", "ip", "yes", "head", "tty", "chmod"])
        {
            File.CreateSymbolicLink(Path.Combine(Image, "bin", applet), "busybox");
        }
    }

    internal string Executable { get; }
    internal OciRuntime Runtime { get; }

    /// <summary>For this test alone, on a file system that takes overlays.</summary>
    internal string Folder { get; }

    /// <summary>A snapshot with busybox in /bin and little else.</summary>
    internal string Image { get; }

    /// <summary>A number of seconds nobody else sleeps for: finds a test's processes.</summary>
    internal string Unique { get; } = Random.Shared.Next(100_000, 999_999).ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal static Machine Require(string runtimeName)
    {
        Assert.SkipUnless(Credentials.IsRoot, "needs root");
        var executable = Environment.GetEnvironmentVariable("STRATA_EXE");
        Assert.SkipWhen(string.IsNullOrEmpty(executable), "STRATA_EXE does not name the published strata executable, which containers need");
        var runtime = OciRuntime.FindAll(Environment.GetEnvironmentVariable("PATH")).FirstOrDefault(found => Path.GetFileName(found.Path) == runtimeName);
        Assert.SkipWhen(runtime is null, $"{runtimeName} is not installed");
        var busybox = new[] { "/bin/busybox", "/usr/bin/busybox" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(busybox is null, "busybox is not installed (apt install busybox-static)");
        var machine = new Machine(executable!, runtime!, Directory.CreateTempSubdirectory("runtime-test-").FullName);
        File.Copy(busybox!, Path.Combine(machine.Image, "bin", "busybox"));
        return machine;
    }

    internal string NewFolder(string name)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Mounts below the folder that this process sees: none may ever be left.</summary>
    internal IEnumerable<string> MountsLeft => Mounts.List().Select(mount => mount.MountPoint).Where(point => point.StartsWith(Folder, StringComparison.Ordinal));

    /// <summary>Processes whose command line mentions the text, by number.</summary>
    internal static IReadOnlyList<int> ProcessesWith(string text)
    {
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out var pid) || pid == Environment.ProcessId)
            {
                continue;
            }

            try
            {
                if (File.ReadAllText(Path.Combine(process, "cmdline")).Contains(text, StringComparison.Ordinal))
                {
                    found.Add(pid);
                }
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }
        return found;
    }

    /// <summary>Looks until it is so, for at most half a minute.</summary>
    internal static async Task Eventually(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"waited half a minute in vain: {what}");
            await Task.Delay(5);
        }
    }

    public void Dispose() => HostFile.RemoveTree(Folder);
}
