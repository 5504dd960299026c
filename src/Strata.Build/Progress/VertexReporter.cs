using System.Collections.Immutable;
using Strata.Oci;

namespace Strata.Build;

/// <summary>The events of one vertex, and the end of its output for when it fails.</summary>
internal sealed class VertexReporter(ProgressReporter progress, Digest vertex) : IVertexOutput
{
    private readonly LastLines _lines = new();

    public ImmutableArray<string> LastLines
    {
        get
        {
            lock (_lines)
            {
                return _lines.ToLines();
            }
        }
    }

    public void Write(OutputStream stream, ReadOnlySpan<byte> text)
    {
        lock (_lines)
        {
            _lines.Add(text);
        }
        progress.Report(new BuildEvent.Log(stream, text.ToArray()) { Vertex = vertex });
    }

    public void Transfer(string id, long current, long? total) => progress.Report(new BuildEvent.Transfer(id, current, total) { Vertex = vertex });

    public void Missed(string why) => progress.Report(new BuildEvent.Missed(why) { Vertex = vertex });

    public void Warn(string message) => progress.Report(new BuildEvent.Warning(message) { Vertex = vertex });

    public void Cached() => progress.Report(new BuildEvent.Cached { Vertex = vertex });

    public void Done(StepLayer? layer) => progress.Report(new BuildEvent.Done(layer?.DiffId, layer?.Size ?? 0) { Vertex = vertex });

    public void Failed(string message) => progress.Report(new BuildEvent.Failed(message) { Vertex = vertex });

    public void Canceled() => progress.Report(new BuildEvent.Canceled { Vertex = vertex });
}
