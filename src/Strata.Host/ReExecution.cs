using Strata.Runtime;

namespace Strata.Host;

/// <summary>The executable started again by itself: as the init of a build step, or as a container's monitor.</summary>
public static class ReExecution
{
    /// <summary>Null: these are an ordinary command's arguments. Asked first of all, before anything is set up.</summary>
    public static Task<int>? TryRun(string[] args) => RuntimeEntry.TryRun(args);
}
