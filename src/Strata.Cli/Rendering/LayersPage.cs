using System.Globalization;
using Strata.Host.Images;

namespace Strata.Cli.Rendering;

/// <summary>The layers of one image for people: a row for each, what it all comes to, and the files that matter.</summary>
internal static class LayersPage
{
    private const int StepWidth = 48;
    private const int WidthForBars = 110;
    private const int FewWasted = 5;
    private const int FewNames = 3;

    public static void Write(Output output, ImageLayers image, string? format, int largest)
    {
        var most = image.Layers.Max(layer => layer.TarSize) ?? 0;
        var withBars = format is null && output.IsTerminal && output.Width >= WidthForBars;
        ListFormat.Write(
            output,
            format,
            ["LAYER", "SIZE", .. withBars ? [""] : Array.Empty<string>(), "FILES", "ADDED", "CHANGED", "DELETED", "WASTED", "SHARED WITH", "STEP"],
            image.Layers,
            layer =>
            [
                new("Layer", layer.Layer.Short),
                new("Size", layer.TarSize is { } size ? Amounts.Size(size) : "?"),
                .. withBars ? [new Cell("Bar", LayerBar.Draw(output, layer.TarSize ?? 0, layer.WastedBytes, most))] : Array.Empty<Cell>(),
                new("Files", Number(layer, layer.Entries)),
                new("Added", Number(layer, layer.Added)),
                new("Changed", Number(layer, layer.Changed)),
                new("Deleted", Number(layer, layer.Deleted)),
                new("Wasted", layer.TarSize is null ? "?" : layer.WastedBytes == 0 ? "-" : Amounts.Size(layer.WastedBytes)),
                new("SharedWith", Names(layer.SharedWith)),
                new("Step", TerminalText.Shorten(layer.Step.Instruction, StepWidth)),
            ]);
        if (format is not null)
        {
            return;
        }
        output.Line();
        Summarise(output, image);
        Files(output, "Hidden by later layers:", image.Wasted.Where(file => file.Size > 0), largest > 0 ? largest : FewWasted, image.Layers);
        Files(output, "Largest files:", image.Visible, largest, image.Layers);
    }

    /// <summary>What each layer adds (+), changes (~) and takes away (-).</summary>
    public static void WriteChanges(Output output, ImageLayers image)
    {
        foreach (var layer in image.Layers)
        {
            output.Line();
            output.Line($"{output.Bold(layer.Layer.Short)}  {TerminalText.Tame(layer.Step.Instruction)}");
            foreach (var change in layer.Changes)
            {
                var path = TerminalText.Tame(change.Path.ToString()) + (change.IsDirectory ? "/" : "");
                var size = change.IsDirectory ? "" : "  " + output.Dim(Amounts.Size(change.Size));
                output.Line($"  {Sign(output, change.Kind)} {path}{size}");
            }
        }
    }

    private static void Summarise(Output output, ImageLayers image)
    {
        var absent = image.Layers.Count(layer => layer.TarSize is null);
        if (absent > 0)
        {
            output.Line(output.Yellow($"{absent} of {image.Layers.Count} layers are not in the store: what is in them, and what they hide, is not known"));
        }
        var hidden = image.Wasted.Count(file => file.Size > 0);
        var efficiency = image.Efficiency.ToString("P1", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);
        output.Line($"{Count(image.Layers.Count, "layer")}, {Amounts.Size(image.TarSize)}; efficiency {output.Bold(efficiency)}"
            + (hidden == 0 ? ": no file is hidden by a later layer" : $": {Amounts.Size(image.WastedBytes)} in {Count(hidden, "file")} are carried along, hidden by later layers"));
        var sharers = image.Layers.SelectMany(layer => layer.SharedWith).Distinct().ToList();
        if (sharers.Count > 0)
        {
            output.Line($"{Amounts.Size(image.SharedBytes)} are shared with {Names(sharers)}");
        }
    }

    private static void Files(Output output, string title, IEnumerable<LayerFile> files, int most, IReadOnlyList<LayerReport> layers)
    {
        var shown = files.Take(most).ToList();
        if (shown.Count == 0)
        {
            return;
        }
        output.Line();
        output.Line(output.Bold(title));
        var table = new TextTable("SIZE", "FILE", "LAYER", "HIDDEN BY");
        foreach (var file in shown)
        {
            string Of(int number) => $"{layers[number].Layer.Short} {TerminalText.Shorten(layers[number].Step.Instruction, StepWidth)}";
            table.Add(Amounts.Size(file.Size), file.Path.ToString(), Of(file.Layer), file.HiddenBy is { } hider ? Of(hider) : "");
        }
        table.WriteTo(output, withHeadings: false);
    }

    private static string Names(IReadOnlyList<string> names) => names.Count <= FewNames
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(FewNames))} and {names.Count - FewNames} more";

    private static string Number(LayerReport layer, int number) => layer.TarSize is null ? "?" : number.ToString(CultureInfo.InvariantCulture);

    private static string Count(int number, string of) => $"{number.ToString(CultureInfo.InvariantCulture)} {of}{(number == 1 ? "" : "s")}";

    private static string Sign(Output output, ChangeKind kind) => kind switch
    {
        ChangeKind.Added => output.Green("+"),
        ChangeKind.Changed => output.Yellow("~"),
        _ => output.Red("-"),
    };
}
