namespace Strata.Testing;

public static class Privileges
{
    public static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>Skips the running test unless it runs as root.</summary>
    public static void NeedRoot() => Assert.SkipUnless(IsRoot, "needs root");
}
