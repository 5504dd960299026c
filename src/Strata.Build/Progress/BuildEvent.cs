using Strata.Oci;

namespace Strata.Build;

/// <summary>
/// What happens during a build, in the order it happens for each vertex: started, logs and transfers, one end.
/// Numbers and clocks are the renderer's. <see cref="Vertex"/> names the vertex within one build.
/// </summary>
public abstract record BuildEvent
{
    private BuildEvent()
    {
    }

    public required Digest Vertex { get; init; }

    /// <param name="Name">As people are shown it: <c>[stage 2/5] RUN npm install</c>.</param>
    public sealed record Started(string Name) : BuildEvent;

    /// <summary>The step has to be done. <paramref name="Why"/> is what is new about it: "first build", "package.json changed".</summary>
    public sealed record Missed(string Why) : BuildEvent;

    /// <summary>Bytes of a running command, as they came.</summary>
    public sealed record Log(OutputStream Stream, ReadOnlyMemory<byte> Text) : BuildEvent;

    /// <param name="Current">In bytes.</param>
    public sealed record Transfer(string Id, long Current, long? Total) : BuildEvent;

    /// <summary>Something the build went on from, in one sentence. The vertex may be none that was started.</summary>
    public sealed record Warning(string Message) : BuildEvent;

    public sealed record Cached : BuildEvent;

    /// <param name="Layer">The layer it made; null for what makes none.</param>
    /// <param name="LayerSize">Of the layer's tar, in bytes.</param>
    public sealed record Done(Digest? Layer, long LayerSize) : BuildEvent;

    public sealed record Failed(string Message) : BuildEvent;

    /// <summary>Something else failed first.</summary>
    public sealed record Canceled : BuildEvent;
}
