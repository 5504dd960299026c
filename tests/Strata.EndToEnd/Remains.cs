namespace Strata.EndToEnd;

/// <summary>What a build or a container must not leave: processes, mounts, temporaries.</summary>
internal static class Remains
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>No process whose command line holds <paramref name="mark"/>, and no mount below the workplace. The kernel may take a moment.</summary>
    public static async Task AssertNoneAsync(Workplace place, string mark)
    {
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        List<string> found;
        do
        {
            found = [.. Processes(mark), .. Mounts(place.Folder)];
            if (found.Count == 0)
            {
                return;
            }
            await Task.Delay(50);
        }
        while (System.Diagnostics.Stopwatch.GetElapsedTime(begun) < Patience);
        Assert.Empty(found);
    }

    public static IEnumerable<string> Temporaries(string root) => Directory.Exists(root)
        ? Directory.EnumerateFileSystemEntries(root, ".tmp-*", SearchOption.AllDirectories)
        : [];

    private static IEnumerable<string> Processes(string mark)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(name => char.IsAsciiDigit(Path.GetFileName(name)[0])))
        {
            string command;
            try
            {
                command = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue;
            }
            if (command.Contains(mark, StringComparison.Ordinal))
            {
                yield return $"process {Path.GetFileName(folder)}: {command}";
            }
        }
    }

    private static IEnumerable<string> Mounts(string folder) => File.ReadLines("/proc/self/mountinfo")
        .Where(line => line.Contains(folder, StringComparison.Ordinal))
        .Select(line => "mount: " + line);
}
