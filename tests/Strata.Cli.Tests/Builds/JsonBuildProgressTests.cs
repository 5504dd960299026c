using System.Text;
using Microsoft.Extensions.Time.Testing;
using Strata.Build;
using Strata.Cli.Rendering.Builds;
using Strata.Oci;

namespace Strata.Cli.Tests.Builds;

public sealed class JsonBuildProgressTests : IDisposable
{
    private static readonly Digest Step = Digest.Of("step"u8);
    private static readonly Digest Layer = Digest.Of("layer"u8);
    private readonly Captured _output = new();

    public void Dispose() => _output.Dispose();

    public static TheoryData<BuildEvent, string> Events => new()
    {
        { new BuildEvent.Started("[1/1] RUN echo") { Vertex = Step }, "\"event\":\"started\",\"name\":\"[1/1] RUN echo\"" },
        { new BuildEvent.Missed("first build") { Vertex = Step }, "\"event\":\"missed\",\"why\":\"first build\"" },
        { new BuildEvent.Log(OutputStream.Output, Encoding.UTF8.GetBytes("hi\n")) { Vertex = Step }, "\"event\":\"log\",\"stream\":1,\"data\":\"aGkK\"" },
        { new BuildEvent.Log(OutputStream.Error, new byte[] { 0xFF }) { Vertex = Step }, "\"event\":\"log\",\"stream\":2,\"data\":\"/w==\"" },
        { new BuildEvent.Transfer("x", 1, 2) { Vertex = Step }, "\"event\":\"transfer\",\"id\":\"x\",\"current\":1,\"total\":2" },
        { new BuildEvent.Transfer("x", 1, null) { Vertex = Step }, "\"event\":\"transfer\",\"id\":\"x\",\"current\":1" },
        { new BuildEvent.Warning("odd") { Vertex = Step }, "\"event\":\"warning\",\"message\":\"odd\"" },
        { new BuildEvent.Cached { Vertex = Step }, "\"event\":\"cached\"" },
        { new BuildEvent.Done(Layer, 5) { Vertex = Step }, $"\"event\":\"done\",\"layer\":\"{Layer}\",\"size\":5" },
        { new BuildEvent.Done(null, 0) { Vertex = Step }, "\"event\":\"done\"" },
        { new BuildEvent.Failed("exit code 1") { Vertex = Step }, "\"event\":\"failed\",\"message\":\"exit code 1\"" },
        { new BuildEvent.Canceled { Vertex = Step }, "\"event\":\"canceled\"" },
    };

    [Theory]
    [MemberData(nameof(Events), DisableDiscoveryEnumeration = true)]
    public void Every_event_is_one_line_with_its_time_and_its_step(BuildEvent value, string expected)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        using var progress = new JsonBuildProgress(_output.Output, time);
        progress.Report(value);
        Assert.Equal($"{{\"time\":\"2026-01-02T03:04:05+00:00\",\"vertex\":\"{Step}\",{expected}}}\n", _output.Text);
    }
}
