using Strata.Linux;

namespace Strata.Content;

/// <summary>A file that only its owner may read.</summary>
public static class SecretFile
{
    private const int OwnerOnly = 0x180;
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Replaces the file whole, mode 0600, making its folder where there is none. A link is followed, so that one which leads to a
    /// file kept elsewhere stays a link.
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var target = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : System.IO.Path.GetFullPath(path);
        var folder = System.IO.Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerFolder);
            Durable.SyncDirectory(System.IO.Path.GetDirectoryName(folder)!);
        }
        Durable.WriteFile(target, content, OwnerOnly);
    }
}
