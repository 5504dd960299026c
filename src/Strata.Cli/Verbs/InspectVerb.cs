using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Strata.Cli.Rendering;
using Strata.Store;

namespace Strata.Cli.Verbs;

internal static class InspectVerb
{
    public static Command Create(CliSession session)
    {
        var images = new Argument<string[]>("IMAGE") { Description = "Names or ids", Arity = ArgumentArity.OneOrMore };
        var raw = new Option<bool>("--raw") { Description = "The config's bytes as they are stored" };
        var command = new Command("inspect", "Everything that is known of images, as JSON") { images, raw };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse);
            var found = parse.GetRequiredValue(images).Select(text => host.Images.Get(text).Image).ToList();
            if (parse.GetValue(raw))
            {
                session.Out.Flush();
                found.ForEach(image => session.Out.Bytes.Write(image.ConfigBytes.Span));
                return Task.FromResult(ExitCodes.Success);
            }
            Write(session.Out, found, host.Store);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static void Write(Output output, List<StoredImage> images, LocalStore store)
    {
        var summaries = store.Images.List().ToDictionary(summary => summary.Id);
        output.Flush();
        using (var json = new Utf8JsonWriter(output.Bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var image in images)
            {
                json.WriteStartObject();
                json.WriteString("Id", image.Id.ToString());
                var summary = summaries.GetValueOrDefault(image.Id);
                WriteList(json, "RepoTags", summary?.Names.Where(name => name.Reference.Tag is not null).Select(name => name.Reference.Familiar) ?? []);
                WriteList(json, "Manifests", image.Manifests.Select(digest => digest.ToString()));
                json.WriteNumber("Size", summary?.Size ?? 0);
                // The config as it is stored, with what nobody here knows too.
                using var config = JsonDocument.Parse(image.ConfigBytes);
                json.WritePropertyName("Config");
                config.RootElement.WriteTo(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        output.Line();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }
        json.WriteEndArray();
    }
}
