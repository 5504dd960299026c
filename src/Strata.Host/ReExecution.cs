namespace Strata.Host;

/// <summary>The executable started again by itself: as the init of a build step, or as a container's monitor.</summary>
public static class ReExecution
{
    public static bool TryRun(string[] args, out int exitCode)
    {
        exitCode = 0;
        return false;
    }
}
