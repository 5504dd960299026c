using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Content.Layers;
using Strata.Host;
using Strata.Oci;
using Strata.Store;

namespace Strata.Cli.Verbs;

/// <summary>The layers of one image, or of several side by side: which they share, and what each weighs.</summary>
internal static class LayersVerb
{
    private const int StepWidth = 48;

    public static Command Create(CliSession session)
    {
        var images = new Argument<string[]>("IMAGE") { Description = "Names or ids; several are compared", Arity = ArgumentArity.OneOrMore };
        var files = new Option<bool>("--files") { Description = "What each layer adds and takes away, but for the first layer" };
        var format = ListFormat.Option();
        var command = new Command("layers", "The layers of images, and which of them they share") { images, files, format };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse);
            var names = parse.GetRequiredValue(images);
            var stacks = names.Select(name => host.Images.Get(name).Image).ToList();
            var rows = await RowsAsync(host, stacks, cancellationToken);
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                names.Length > 1 ? ["LAYER", "SIZE", "FILES", "IN", "STEP"] : ["LAYER", "SIZE", "FILES", "STEP"],
                rows,
                row =>
                {
                    var owners = row.Owners.Count == names.Length ? "all" : string.Join(", ", row.Owners.Select(owner => names[owner]));
                    Cell[] start = [new("Layer", row.Layer.Short), new("Size", Amounts.Size(row.Index.TarSize)), new("Files", row.Index.Count.ToString(CultureInfo.InvariantCulture))];
                    Cell step = new("Step", row.Step);
                    return names.Length > 1 ? [.. start, new Cell("In", owners), step] : [.. start, step];
                });
            if (parse.GetValue(files))
            {
                foreach (var row in rows.Where(row => row.Number > 0))
                {
                    WriteFiles(session.Out, row);
                }
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<List<Row>> RowsAsync(StrataHost host, List<StoredImage> stacks, CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        for (var number = 0; number < stacks.Max(stack => stack.Layers.Count); number++)
        {
            for (var owner = 0; owner < stacks.Count; owner++)
            {
                if (number >= stacks[owner].Layers.Count)
                {
                    continue;
                }
                var layer = stacks[owner].Layers[number];
                if (rows.Find(row => row.Number == number && row.Layer == layer) is { } same)
                {
                    same.Owners.Add(owner);
                    continue;
                }
                var index = await host.Store.Layers.OpenIndexAsync(layer, cancellationToken);
                rows.Add(new Row(number, layer, index, StepOf(stacks[owner].Config, number)) { Owners = { owner } });
            }
        }
        return rows;
    }

    /// <summary>The history entry that goes with a layer: entries that made none are not counted.</summary>
    private static string StepOf(ImageConfig config, int layer)
    {
        var step = (config.History ?? []).Where(entry => entry.EmptyLayer is not true).ElementAtOrDefault(layer)?.CreatedBy ?? "";
        var line = step.ReplaceLineEndings(" ").Replace(" # buildkit", "", StringComparison.Ordinal);
        return line.Length <= StepWidth ? line : line[..(StepWidth - 1)] + "…";
    }

    private static void WriteFiles(Output output, Row row)
    {
        output.Line();
        output.Line($"{output.Bold(row.Layer.Short)}  {TerminalText.Tame(row.Step)}");
        for (var i = 0; i < row.Index.Count; i++)
        {
            var entry = row.Index[i];
            var path = TerminalText.Tame(entry.Path.ToString());
            output.Line(entry.Kind switch
            {
                EntryKind.Whiteout => $"  {output.Red("-")} {path}",
                EntryKind.OpaqueWhiteout => $"  {output.Red("-")} {path}/*",
                EntryKind.Directory => $"  {output.Green("+")} {path}/",
                _ => $"  {output.Green("+")} {path}  {output.Dim(Amounts.Size(entry.Size))}",
            });
        }
    }

    private sealed record Row(int Number, Digest Layer, LayerIndex Index, string Step)
    {
        public List<int> Owners { get; } = [];
    }
}
