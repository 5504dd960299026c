using Strata.Build;

namespace Strata.Cli.Rendering.Builds;

/// <summary>Shows a build while it runs. Events come from several threads.</summary>
internal interface IBuildProgress : IProgress<BuildEvent>, IDisposable
{
    /// <summary>The build is over; what is shown from now on is the verb's.</summary>
    void Finish(bool succeeded);
}
