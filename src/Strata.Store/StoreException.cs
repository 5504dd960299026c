using Strata.Linux;

namespace Strata.Store;

/// <summary>The store could not do what it was asked; the message says what, where and what to do.</summary>
public sealed class StoreException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether <paramref name="problem"/> says that the disk, or the user's share of it, is full.</summary>
    internal static bool IsFull(IOException problem) =>
        (problem is LinuxException linux ? linux.Errno : problem.HResult) is Errno.ENOSPC or Errno.EDQUOT;

    internal static StoreException Full(string root, IOException problem) =>
        new($"The disk of the store {root} is full; nothing was stored. Free space, for instance with 'strata prune', and try again.", problem);
}
