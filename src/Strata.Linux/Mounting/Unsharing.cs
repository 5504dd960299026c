namespace Strata.Linux;

public static class Unsharing
{
    /// <summary>
    /// Puts the calling thread, and only it, into new namespaces; threads made later by other threads stay outside.
    /// Give it a thread of its own. User namespaces cannot be had this way: the process has several threads (EINVAL).
    /// </summary>
    public static void Unshare(Namespaces flags)
    {
        if (MountCalls.unshare((int)flags) < 0)
        {
            throw new LinuxException(Failure.Number, $"unshare {flags}");
        }
    }
}
