using Strata.Oci;

namespace Strata.Build;

/// <summary>Gives out events one at a time, whichever thread they come from.</summary>
internal sealed class ProgressReporter(IProgress<BuildEvent> progress)
{
    private readonly Lock _lock = new();

    public void Report(BuildEvent happened)
    {
        lock (_lock)
        {
            progress.Report(happened);
        }
    }

    public VertexReporter Start(Digest vertex, string name)
    {
        Report(new BuildEvent.Started(name) { Vertex = vertex });
        return new VertexReporter(this, vertex);
    }
}
