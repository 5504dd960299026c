using System.Diagnostics;
using System.Globalization;
using Strata.Linux;

namespace Strata.Testing;

/// <summary>A file system of a few MiB of its own, to be filled to the last byte. Needs root.</summary>
public sealed class SmallDisk : IDisposable
{
    private const string Filler = "filler";
    private readonly TemporaryFolder _folder = new();

    private SmallDisk() => Directory.CreateDirectory(Path);

    public string Path => _folder.File("disk");

    /// <param name="type">"tmpfs" or "ext4".</param>
    /// <param name="megabytes">Of the whole.</param>
    public static SmallDisk Mount(string type, int megabytes)
    {
        Privileges.NeedRoot();
        var disk = new SmallDisk();
        if (type == "tmpfs")
        {
            Mounts.Tmpfs(disk.Path, string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"));
            return disk;
        }
        Assert.SkipUnless(File.Exists("/usr/sbin/mkfs.ext4") && File.Exists("/dev/loop-control"), "needs mkfs.ext4 and loop devices");
        var image = disk._folder.File("image");
        using (var file = File.Create(image))
        {
            file.SetLength(megabytes * 1024L * 1024);
        }
        // No blocks are set aside for root: full is full.
        Run("/usr/sbin/mkfs.ext4", "-q", "-m", "0", image);
        Run("mount", "-o", "loop", image, disk.Path);
        return disk;
    }

    /// <summary>Leaves no byte.</summary>
    public void Fill()
    {
        var piece = new byte[1 << 20];
        using var file = new FileStream(System.IO.Path.Combine(Path, Filler), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var size = piece.Length; size > 0;)
        {
            try
            {
                file.Write(piece, 0, size);
            }
            catch (IOException)
            {
                Durable.Sync(file.SafeFileHandle);
                size /= 2;
            }
        }
    }

    public void Empty() => File.Delete(System.IO.Path.Combine(Path, Filler));

    public void Dispose()
    {
        Mounts.Unmount(Path, detach: true);
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true }) ?? throw new InvalidOperationException(program);
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error}");
    }
}
