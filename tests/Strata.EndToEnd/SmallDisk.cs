namespace Strata.EndToEnd;

/// <summary>A file system of its own below a workplace; unmounted in the end.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <param name="place">Where it is mounted.</param>
    /// <param name="name">The folder.</param>
    /// <param name="size">As mount takes it: 5m.</param>
    public static Task<SmallDisk> TmpfsAsync(Workplace place, string name, string size) => MountAsync(place, name, "-t", "tmpfs", "-o", $"size={size}", "tmpfs");

    /// <summary>An ext4 of 64 MB in a sparse file: what is written to it succeeds, and syncing it fails once the disk below has no room.</summary>
    public static async Task<SmallDisk> SparseExt4Async(Workplace place, string name, string image)
    {
        (await Command.RunAsync("truncate", ["-s", "64M", image])).Succeeded();
        (await Command.RunAsync("mkfs.ext4", ["-q", "-m", "0", "-O", "^has_journal", image])).Succeeded();
        return await MountAsync(place, name, "-o", "loop", image);
    }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public async Task RemountAsync(string options) => (await Command.RunAsync("mount", ["-o", $"remount,{options}", Path])).Succeeded();

    public async ValueTask DisposeAsync() => (await Command.RunAsync("umount", [Path])).Succeeded();

    private static async Task<SmallDisk> MountAsync(Workplace place, string name, params string[] arguments)
    {
        var path = place.PathOf(name);
        Directory.CreateDirectory(path);
        (await Command.RunAsync("mount", [.. arguments, path])).Succeeded();
        return new SmallDisk(path);
    }
}
