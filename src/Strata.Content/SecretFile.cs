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
        var target = TargetOf(path);
        MakeFolderOf(target);
        Durable.WriteFile(target, content, OwnerOnly);
    }

    /// <summary>
    /// Waits until nobody else is between reading the file and writing it, and keeps it so until Dispose: by a lock on <c>path.lock</c>,
    /// which stays. Null where none can be made; a write then says why, or is without a lock as other programs' are.
    /// </summary>
    public static async Task<IDisposable?> LockAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var target = TargetOf(path);
            MakeFolderOf(target);
            return await FileLock.AcquireAsync($"{target}.lock", exclusive: true, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string TargetOf(string path) => new FileInfo(path) is { LinkTarget: not null } link
        ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
        : System.IO.Path.GetFullPath(path);

    private static void MakeFolderOf(string target)
    {
        var folder = System.IO.Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerFolder);
            Durable.SyncDirectory(System.IO.Path.GetDirectoryName(folder)!);
        }
    }
}
