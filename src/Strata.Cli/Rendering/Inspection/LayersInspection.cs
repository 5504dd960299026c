using Strata.Cli.Templates;
using Strata.Host.Images;

namespace Strata.Cli.Rendering.Inspection;

/// <summary>The layers of an image as data; sizes are in bytes.</summary>
internal static class LayersInspection
{
    /// <param name="name">As it was asked for.</param>
    /// <param name="layers">What is told.</param>
    /// <param name="largest">How many of the largest files.</param>
    /// <param name="withFiles">Also what each layer adds, changes and deletes.</param>
    public static Value Of(string name, ImageLayers layers, int largest, bool withFiles) => Value.Of(
        ("Image", name),
        ("Id", layers.Image.Id.ToString()),
        ("Size", layers.TarSize),
        ("FileBytes", layers.FileBytes),
        ("WastedBytes", layers.WastedBytes),
        ("SharedBytes", layers.SharedBytes),
        ("Efficiency", new Value.Real(Math.Round(layers.Efficiency, 4))),
        ("Layers", Value.Of(layers.Layers.Select(layer => Layer(layer, withFiles)))),
        ("LargestFiles", Value.Of(layers.Visible.Take(largest).Select(File))),
        ("WastedFiles", Value.Of(layers.Wasted.Take(largest).Select(File))));

    private static Value Layer(LayerReport layer, bool withFiles) => Value.Of(
    [
        ("Number", layer.Number),
        ("Layer", layer.Layer.ToString()),
        // Null: its content is not in the store, and the zeros behind it mean nothing.
        ("Size", layer.TarSize is { } size ? size : Value.None),
        ("Entries", layer.Entries),
        ("Added", layer.Added),
        ("Changed", layer.Changed),
        ("Deleted", layer.Deleted),
        ("FileBytes", layer.FileBytes),
        ("WastedBytes", layer.WastedBytes),
        ("HiddenBytes", layer.HiddenBytes),
        ("SharedWith", Value.Of(layer.SharedWith)),
        ("CreatedBy", layer.Step.Entry?.CreatedBy ?? ""),
        .. withFiles ? [("Changes", Value.Of(layer.Changes.Select(Change)))] : Array.Empty<(string, Value)>(),
    ]);

    private static Value Change(LayerChange change) => Value.Of(
        ("Kind", change.Kind.ToString()), ("Path", change.Path.ToString()), ("Size", change.Size), ("Directory", change.IsDirectory));

    private static Value File(LayerFile file) => Value.Of(
        ("Path", file.Path.ToString()), ("Size", file.Size), ("Layer", file.Layer), ("HiddenBy", file.HiddenBy is { } hider ? hider : Value.None));
}
