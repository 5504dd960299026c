using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>Other words for what this process was started with open: /dev/stdout, /dev/fd/1, /proc/self/fd/1, and links to these.</summary>
public static class StandardDescriptor
{
    public const int Output = 1;

    private const int Error = 2;
    private const int MaxLinks = 40;

    /// <summary>Standard output or error, where an absolute <paramref name="path"/> means one; else null.</summary>
    public static int? Of(string path)
    {
        for (var links = 0; links < MaxLinks; links++)
        {
            var folder = Path.GetDirectoryName(path);
            if (folder is "/dev/fd" or "/proc/self/fd" || folder == $"/proc/{Environment.ProcessId}/fd")
            {
                return int.TryParse(Path.GetFileName(path), out var descriptor) && descriptor is Output or Error ? descriptor : null;
            }
            if (new FileInfo(path).LinkTarget is not { } target)
            {
                return null;
            }
            path = Path.GetFullPath(target, folder ?? "/");
        }
        return null;
    }

    internal static Stream Open(int descriptor) => descriptor == Output ? StandardStreams.Output : StandardStreams.Error;
}
