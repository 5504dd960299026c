using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Cli.Templates;
using Strata.Host;
using Strata.Host.Images;
using Strata.Oci;
using Strata.Remote;

namespace Strata.Cli.Verbs;

/// <summary>The steps of an image in docker's columns, and from which image of the store each came.</summary>
internal static class HistoryVerb
{
    private const int StepWidth = 45;
    private const string Missing = "<missing>";
    private const string Remote = "docker://";

    public static Command Create(CliSession session)
    {
        var image = new Argument<string>("IMAGE") { Description = "A name or id; docker://NAME is an image in its registry" };
        var noTruncation = new Option<bool>("--no-trunc") { Description = "Whole instructions and ids" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only ids" };
        var human = new Option<bool>("--human", "-H") { Description = "Sizes and times as people read them; --human=false: bytes and dates", DefaultValueFactory = _ => true };
        var format = ListFormat.Option();
        var verify = TlsVerify.Option();
        var command = new Command("history", "The steps that made an image, the latest first") { image, noTruncation, quiet, human, format, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var given = parse.GetRequiredValue(image);
            List<Row> rows;
            if (given.StartsWith(Remote, StringComparison.Ordinal))
            {
                var name = host.Registries.NameOf(given[Remote.Length..]).WithDefaultTag();
                var reach = new Reach { IsInsecure = TlsVerify.IsOff(session, parse, verify, name.Registry) };
                rows = RowsOf(await new InspectRemote(host.Registries).RunAsync(name, platform: null, reach, withTags: false, cancellationToken));
            }
            else
            {
                rows = RowsOf(host, given);
            }
            var withBases = rows.Exists(row => row.From is not null);
            rows.Reverse();
            var whole = parse.GetValue(noTruncation);
            string Id(Row row) => row.Image is { } id ? (whole ? id.ToString() : id.Short) : Missing;
            if (parse.GetValue(quiet))
            {
                rows.ForEach(row => session.Out.Line(Id(row)));
                return ExitCodes.Success;
            }
            var now = session.Environment.Time.GetUtcNow();
            var readable = parse.GetValue(human);
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT", .. withBases ? ["FROM"] : Array.Empty<string>()],
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
                        .. withBases ? [from] : Array.Empty<Cell>(),
                        readable ? new("CreatedAt", created) : new("CreatedSince", created),
                        new("Layer", row.Step.Layer?.ToString() ?? ""),
                        .. withBases ? [] : new[] { from },
                    ];
                },
                whole);
            return ExitCodes.Success;
        });
        return command;
    }

    private static List<Row> RowsOf(StrataHost host, string given)
    {
        var (stored, _) = host.Images.Get(given);
        var steps = ImageStep.Of(stored.Config);
        var bases = StoredImages.Read(host.Store).BasesOf(stored);
        var rows = new List<Row>();
        for (var number = 0; number < steps.Count; number++)
        {
            var size = steps[number].Layer is { } layer ? host.Store.Layers.KnownSize(layer) : 0;
            var id = number == steps.Count - 1 ? stored.Id : bases.FirstOrDefault(lower => lower.Steps == number + 1)?.Id;
            rows.Add(new Row(steps[number], id, size, bases.FirstOrDefault(lower => lower.Steps > number)));
        }
        return rows;
    }

    /// <summary>The sizes are those of the layers as the registry has them, compressed as a rule.</summary>
    private static List<Row> RowsOf(RemoteFacts facts)
    {
        var (manifest, config) = facts.RequireImage();
        var layers = new Queue<Descriptor>(manifest.Layers);
        var rows = ImageStep.Of(config)
            .Select(step => new Row(step, null, step.Layer is null ? 0 : layers.TryDequeue(out var layer) ? layer.Size : null, null))
            .ToList();
        rows[^1] = rows[^1] with { Image = manifest.Config.Digest };
        return rows;
    }

    private static string Cut(ImageStep step, bool whole) => whole
        ? (step.Entry?.CreatedBy ?? "").ReplaceLineEndings(" ")
        : TerminalText.Shorten(step.Instruction, StepWidth);

    /// <param name="Image">The image that ends with this step, where there is one in the store.</param>
    /// <param name="Size">Of the layer's tar, or of what came for it where that was never unpacked; null where its content is not here.</param>
    /// <param name="From">The image that this step came with; null: it is this image's own.</param>
    private sealed record Row(ImageStep Step, Digest? Image, long? Size, ImageBase? From);
}
