using Strata.Linux;
using Strata.Runtime.Containers;
using Strata.Runtime.Steps;

namespace Strata.Runtime;

/// <summary>What the executable is when it is started again as the init of a step or the monitor of a container.</summary>
public static class RuntimeEntry
{
    internal const string Step = "__step";
    internal const string Monitor = "__monitor";

    /// <summary>Null: these are an ordinary command's arguments. Called first of all, before anything is set up.</summary>
    public static Task<int>? TryRun(IReadOnlyList<string> args) => args switch
    {
        [NativeEntry.Contain, _, Step] => StepInit.RunAsync(),
        [NativeEntry.Contain, _, Monitor, var directory] => ContainerMonitor.RunAsync(directory),
        _ => null,
    };
}
