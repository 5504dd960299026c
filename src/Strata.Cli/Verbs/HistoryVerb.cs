using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Cli.Templates;
using Strata.Host.Images;
using Strata.Oci;

namespace Strata.Cli.Verbs;

/// <summary>The steps of an image in docker's columns, and from which image of the store each came.</summary>
internal static class HistoryVerb
{
    private const int StepWidth = 45;
    private const string Missing = "<missing>";

    public static Command Create(CliSession session)
    {
        var image = new Argument<string>("IMAGE") { Description = "A name or id" };
        var noTruncation = new Option<bool>("--no-trunc") { Description = "Whole instructions and ids" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only ids" };
        var human = new Option<bool>("--human", "-H") { Description = "Sizes and times as people read them; --human=false: bytes and dates", DefaultValueFactory = _ => true };
        var format = ListFormat.Option();
        var command = new Command("history", "The steps that made an image, the latest first") { image, noTruncation, quiet, human, format };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var (stored, _) = host.Images.Get(parse.GetRequiredValue(image));
            var steps = ImageStep.Of(stored.Config);
            var bases = StoredImages.Read(host.Store).BasesOf(stored);
            var rows = new List<Row>();
            for (var number = 0; number < steps.Count; number++)
            {
                var size = steps[number].Layer is { } layer ? host.Store.Layers.KnownSize(layer) : 0;
                var id = number == steps.Count - 1 ? stored.Id : bases.FirstOrDefault(lower => lower.Steps == number + 1)?.Id;
                rows.Add(new Row(steps[number], id, size, bases.FirstOrDefault(lower => lower.Steps > number)));
            }
            rows.Reverse();
            var whole = parse.GetValue(noTruncation);
            string Id(Row row) => row.Image is { } id ? (whole ? id.ToString() : id.Short) : Missing;
            if (parse.GetValue(quiet))
            {
                rows.ForEach(row => session.Out.Line(Id(row)));
                return Task.FromResult(ExitCodes.Success);
            }
            var now = session.Environment.Time.GetUtcNow();
            var readable = parse.GetValue(human);
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT", .. bases.Count > 0 ? ["FROM"] : Array.Empty<string>()],
                rows,
                row =>
                {
                    var from = new Cell("From", row.From is { } lower ? lower.Name ?? lower.Id.Short : "");
                    var created = row.Step.Entry?.Created ?? "";
                    return
                    [
                        new("ID", Id(row), row.Image?.ToString()),
                        readable ? new("CreatedSince", OciTime.TryParse(created, out var time) ? Amounts.Ago(time, now) : "N/A") : new("CreatedAt", created),
                        new("CreatedBy", Cut(row.Step, whole), row.Step.Entry?.CreatedBy),
                        new("Size", row.Size is not { } size ? "?" : readable ? Amounts.Size(size) : size.ToString(CultureInfo.InvariantCulture), row.Size is { } bytes ? bytes : Value.None),
                        new("Comment", row.Step.Entry?.Comment ?? ""),
                        .. bases.Count > 0 ? [from] : Array.Empty<Cell>(),
                        readable ? new("CreatedAt", created) : new("CreatedSince", created),
                        new("Layer", row.Step.Layer?.ToString() ?? ""),
                        .. bases.Count > 0 ? [] : new[] { from },
                    ];
                },
                whole);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static string Cut(ImageStep step, bool whole) => whole
        ? (step.Entry?.CreatedBy ?? "").ReplaceLineEndings(" ")
        : TerminalText.Shorten(step.Instruction, StepWidth);

    /// <param name="Image">The image that ends with this step, where there is one in the store.</param>
    /// <param name="Size">Of the layer's tar, or of what came for it where that was never unpacked; null where its content is not here.</param>
    /// <param name="From">The image that this step came with; null: it is this image's own.</param>
    private sealed record Row(ImageStep Step, Digest? Image, long? Size, ImageBase? From);
}
