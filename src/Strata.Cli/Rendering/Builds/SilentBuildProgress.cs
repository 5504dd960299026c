using Strata.Build;

namespace Strata.Cli.Rendering.Builds;

/// <summary>For <c>--quiet</c>; a failure is still told by the error at the end.</summary>
internal sealed class SilentBuildProgress : IBuildProgress
{
    public void Report(BuildEvent value)
    {
    }

    public void Finish(bool succeeded)
    {
    }

    public void Dispose()
    {
    }
}
