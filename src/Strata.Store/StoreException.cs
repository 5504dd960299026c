using System.Globalization;
using Strata.Linux;

namespace Strata.Store;

/// <summary>The store could not do what it was asked; the message says what, where and what to do.</summary>
public sealed class StoreException(string message, Exception? inner = null) : IOException(message, inner)
{
    internal const string WhenFull = "'strata prune' removes what nothing uses, 'strata system df' shows what takes the space";

    /// <summary>The store may be read, and not written.</summary>
    public bool IsReadOnly { get; private init; }

    /// <summary>Content is lost or was removed; the same may be there in another form.</summary>
    internal bool IsMissing { get; init; }

    /// <summary>Whether <paramref name="problem"/> says that the disk, or the user's share of it, is full.</summary>
    internal static bool IsFull(IOException problem) =>
        (problem is LinuxException linux ? linux.Errno : problem.HResult) is Errno.ENOSPC or Errno.EDQUOT;

    internal static StoreException Full(string root, IOException problem) =>
        new($"The disk of the store {root} is full{Left(root)}; nothing was stored. {WhenFull}.", problem);

    /// <summary>Of a problem with a file of the store's own, in the store's words where there are any.</summary>
    internal static IOException Of(string root, LinuxException problem) => problem.Errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT => Full(root, problem),
        Errno.EROFS => new StoreException($"The store {root} can't be changed: its file system is mounted read-only. Mount it for writing, or name another store with --root.", problem) { IsReadOnly = true },
        Errno.EACCES or Errno.EPERM => new StoreException($"The store {root} can't be changed by this user, who may only read it. Run strata as its owner, or name another store with --root.", problem) { IsReadOnly = true },
        Errno.ENOENT or Errno.ENOTDIR when !File.Exists(new StoreFolders(root).FormatFile) => new StoreException($"There is no store at {root}. Building, pulling or importing an image makes one.", problem),
        _ => problem,
    };

    private static string Left(string root)
    {
        try
        {
            var mount = Mounts.List().Select(mount => mount.MountPoint)
                .Where(point => point == "/" || root == point || root.StartsWith(point + "/", StringComparison.Ordinal))
                .MaxBy(point => point.Length);
            return string.Create(CultureInfo.InvariantCulture, $" ({HostFile.FreeBytes(root) / 1000} kB are left on {mount ?? "it"})");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
