using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Cli.Rendering.Inspection;
using Strata.Cli.Templates;
using Strata.Host;
using Strata.Host.Images;
using Strata.Remote;

namespace Strata.Cli.Verbs;

/// <summary>The layers of one image and what each did, or of several side by side: which they share, and what each weighs.</summary>
internal static class LayersVerb
{
    private const string Remote = "docker://";
    private const int StepWidth = 48;

    public static Command Create(CliSession session)
    {
        var images = new Argument<string[]>("IMAGE") { Description = "Names or ids; several are compared; docker://NAME is an image in its registry", Arity = ArgumentArity.OneOrMore };
        var files = new Option<bool>("--files") { Description = "Every file that a layer adds (+), changes (~) or takes away (-)" };
        var largest = new Option<int>("--largest") { Description = "The largest files, and the largest that later layers hide", HelpName = "COUNT" };
        var format = new Option<string?>("--format") { Description = "table, json, or a template such as '{{.Efficiency}} {{len .Layers}}'", HelpName = "HOW" };
        var verify = TlsVerify.Option();
        var command = new Command("layers", "What each layer of an image added, changed, deleted and wastes; which layers images share") { images, files, largest, format, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var names = parse.GetRequiredValue(images);
            var how = parse.GetValue(format) is { Length: > 0 } given ? given : null;
            var isTable = how is null || how.StartsWith("table", StringComparison.Ordinal);
            var isRemote = names.Any(name => name.StartsWith(Remote, StringComparison.Ordinal));
            if ((parse.GetValue(files) || parse.GetValue(largest) > 0) && (isRemote || (names.Length > 1 && isTable)))
            {
                throw new StrataException(
                    isRemote ? "--files and --largest tell of files, which are known when the image has been pulled" : "--files and --largest tell of one image, and several are compared",
                    isRemote ? "pull it, or leave them out" : "name one image, leave them out, or take --format json, which tells all of each");
            }
            if (parse.GetValue(largest) < 0)
            {
                throw new StrataException($"--largest {parse.GetValue(largest)} is no number of files", "give one from 1 on");
            }
            if (isRemote)
            {
                if (names.Length > 1)
                {
                    throw new StrataException("an image in a registry is looked at alone", "pull it to compare it with others");
                }
                var name = host.Registries.NameOf(names[0][Remote.Length..]).WithDefaultTag();
                var reach = new Reach { IsInsecure = TlsVerify.IsOff(session, parse, verify, name.Registry) };
                WriteRemote(session, await new InspectRemote(host.Registries).RunAsync(name, platform: null, reach, withTags: false, cancellationToken), how);
                return ExitCodes.Success;
            }
            if (names.Length > 1 && isTable)
            {
                WriteCompared(session.Out, how, names, await ReadAsync(host, names, cancellationToken));
                return ExitCodes.Success;
            }
            var all = await ReadAsync(host, names, cancellationToken);
            if (isTable)
            {
                LayersPage.Write(session.Out, all[0], how, parse.GetValue(largest));
                if (parse.GetValue(files))
                {
                    LayersPage.WriteChanges(session.Out, all[0]);
                }
                return ExitCodes.Success;
            }
            Write(session.Out, how!, names.Zip(all, (name, image) => LayersInspection.Of(name, image, parse.GetValue(largest), parse.GetValue(files))));
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<List<ImageLayers>> ReadAsync(StrataHost host, string[] names, CancellationToken cancellationToken)
    {
        var images = names.Select(name => host.Images.Get(name).Image).ToList();
        var all = new List<ImageLayers>();
        foreach (var image in images)
        {
            all.Add(await ImageLayers.ReadAsync(host.Store, image, cancellationToken));
        }
        return all;
    }

    private static void Write(Output output, string format, IEnumerable<Value> values)
    {
        if (format == "json")
        {
            output.Flush();
            ValueJson.WriteIndented(output.Bytes, Value.Of(values));
            output.Line();
            return;
        }
        var template = Template.Parse(format);
        foreach (var value in values)
        {
            output.Line(output.Shown(template.Fill(value)));
        }
    }

    private static void WriteCompared(Output output, string? format, string[] names, List<ImageLayers> images)
    {
        var rows = new List<(LayerReport Layer, List<string> Owners)>();
        // By height, so that a shared base stands in one row and what differs beneath it.
        foreach (var (layer, name) in images.SelectMany((image, owner) => image.Layers.Select(layer => (layer, names[owner]))).OrderBy(pair => pair.layer.Number))
        {
            var same = rows.Find(row => row.Layer.Number == layer.Number && row.Layer.Layer == layer.Layer);
            if (same.Owners is not null)
            {
                same.Owners.Add(name);
            }
            else
            {
                rows.Add((layer, [name]));
            }
        }
        ListFormat.Write(
            output,
            format,
            ["LAYER", "SIZE", "FILES", "IN", "STEP"],
            rows,
            row =>
            [
                new("Layer", row.Layer.Layer.Short),
                new("Size", row.Layer.TarSize is { } size ? Amounts.Size(size) : "?"),
                new("Files", row.Layer.TarSize is null ? "?" : row.Layer.Entries.ToString(CultureInfo.InvariantCulture)),
                new("In", row.Owners.Count == names.Length ? "all" : string.Join(", ", row.Owners)),
                new("Step", TerminalText.Shorten(row.Layer.Step.Instruction, StepWidth)),
            ]);
    }

    private static void WriteRemote(CliSession session, RemoteFacts facts, string? format)
    {
        var (manifest, config) = facts.RequireImage();
        var steps = ImageStep.Of(config).Where(step => step.Layer is not null).ToList();
        ListFormat.Write(
            session.Out,
            format,
            ["LAYER", "COMPRESSED", "STEP"],
            manifest.Layers.Select((layer, number) => (Layer: layer, Step: steps.ElementAtOrDefault(number))).ToList(),
            row =>
            [
                new("Layer", row.Layer.Digest.Short),
                new("Compressed", Amounts.Size(row.Layer.Size), row.Layer.Size),
                new("Step", TerminalText.Shorten(row.Step?.Instruction ?? "", StepWidth)),
                new("Digest", row.Layer.Digest.ToString()),
                new("MediaType", row.Layer.MediaType),
            ]);
        if (format is null)
        {
            session.Out.Line();
            session.Out.Line($"{Amounts.Size(manifest.Layers.Sum(layer => layer.Size))} to fetch; which files are in them is known when the image has been pulled");
        }
    }
}
