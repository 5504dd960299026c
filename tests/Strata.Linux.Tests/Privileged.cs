using System.Runtime.ExceptionServices;

namespace Strata.Linux.Tests;

/// <summary>For tests that only root can run.</summary>
internal static class Privileged
{
    internal static void Require() => Assert.SkipUnless(
        Credentials.IsRoot && Credentials.Has(Capability.SysAdmin), "needs root with CAP_SYS_ADMIN");

    /// <summary>Runs on a thread in a mount namespace of its own: what it mounts is gone when it returns.</summary>
    internal static void InPrivateMounts(Action test)
    {
        Require();
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Unsharing.Unshare(Namespaces.Mount);
                Mounts.MakeAllPrivate();
                test();
            }
            catch (Exception caught)
            {
                failure = ExceptionDispatchInfo.Capture(caught);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
