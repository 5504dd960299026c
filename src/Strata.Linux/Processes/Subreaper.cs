namespace Strata.Linux;

public static class Subreaper
{
    /// <summary>
    /// From here on, orphans among this process's descendants become its children: <see cref="ChildProcess.Adopt"/>
    /// them, or they stay as zombies.
    /// </summary>
    public static void Become()
    {
        if (ProcessCalls.prctl(ProcessCalls.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        {
            throw Failure.Of("prctl PR_SET_CHILD_SUBREAPER");
        }
    }
}
