using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class HistoryVerb
{
    private const int StepWidth = 60;

    public static Command Create(CliSession session)
    {
        var image = new Argument<string>("IMAGE") { Description = "A name or id" };
        var noTruncation = new Option<bool>("--no-trunc") { Description = "Whole instructions" };
        var format = ListFormat.Option();
        var command = new Command("history", "The steps that made an image, the latest first") { image, noTruncation, format };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse);
            var (stored, _) = host.Images.Get(parse.GetRequiredValue(image));
            var rows = new List<(HistoryEntry Entry, Digest? Layer, long Size)>();
            var layers = new Queue<Digest>(stored.Layers);
            foreach (var entry in stored.Config.History ?? [])
            {
                Digest? layer = entry.EmptyLayer is true || layers.Count == 0 ? null : layers.Dequeue();
                rows.Add((entry, layer, layer is { } diffId ? (await host.Store.Layers.OpenIndexAsync(diffId, cancellationToken)).TarSize : 0));
            }
            rows.Reverse();
            var now = session.Environment.Time.GetUtcNow();
            var whole = parse.GetValue(noTruncation);
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["LAYER", "CREATED", "CREATED BY", "SIZE", "COMMENT"],
                rows,
                row =>
                [
                    new("Layer", row.Layer is { } layer ? (whole ? layer.ToString() : layer.Short) : ""),
                    new("CreatedSince", OciTime.TryParse(row.Entry.Created, out var created) ? Amounts.Ago(created, now) : "N/A"),
                    new("CreatedBy", Cut(row.Entry.CreatedBy ?? "", whole)),
                    new("Size", Amounts.Size(row.Size)),
                    new("Comment", row.Entry.Comment ?? ""),
                ]);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Cut(string step, bool whole)
    {
        var line = step.ReplaceLineEndings(" ");
        return whole || line.Length <= StepWidth ? line : line[..(StepWidth - 1)] + "…";
    }
}
