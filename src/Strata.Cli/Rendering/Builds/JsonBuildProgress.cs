using System.Text.Json;
using Strata.Build;

namespace Strata.Cli.Rendering.Builds;

/// <summary>One JSON object a line, for programs: <c>{"vertex":"sha256:…","event":"started","name":"…","time":"…"}</c>.</summary>
internal sealed class JsonBuildProgress(Output output, TimeProvider time) : IBuildProgress
{
    private readonly Lock _lock = new();

    public void Report(BuildEvent value)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow());
            json.WriteString("vertex", value.Vertex.ToString());
            switch (value)
            {
                case BuildEvent.Started started:
                    json.WriteString("event", "started");
                    json.WriteString("name", started.Name);
                    break;
                case BuildEvent.Missed missed:
                    json.WriteString("event", "missed");
                    json.WriteString("why", missed.Why);
                    break;
                case BuildEvent.Log log:
                    json.WriteString("event", "log");
                    json.WriteNumber("stream", log.Stream == OutputStream.Output ? 1 : 2);
                    json.WriteBase64String("data", log.Text.Span);
                    break;
                case BuildEvent.Transfer transfer:
                    json.WriteString("event", "transfer");
                    json.WriteString("id", transfer.Id);
                    json.WriteNumber("current", transfer.Current);
                    if (transfer.Total is { } total)
                    {
                        json.WriteNumber("total", total);
                    }
                    break;
                case BuildEvent.Warning warning:
                    json.WriteString("event", "warning");
                    json.WriteString("message", warning.Message);
                    break;
                case BuildEvent.Cached:
                    json.WriteString("event", "cached");
                    break;
                case BuildEvent.Done done:
                    json.WriteString("event", "done");
                    if (done.Layer is { } layer)
                    {
                        json.WriteString("layer", layer.ToString());
                        json.WriteNumber("size", done.LayerSize);
                    }
                    break;
                case BuildEvent.Failed failed:
                    json.WriteString("event", "failed");
                    json.WriteString("message", failed.Message);
                    break;
                case BuildEvent.Canceled:
                    json.WriteString("event", "canceled");
                    break;
            }
            json.WriteEndObject();
        }
        lock (_lock)
        {
            output.Line(System.Text.Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
            output.Flush();
        }
    }

    public void Finish(bool succeeded) => output.Flush();

    public void Dispose() => output.Flush();
}
