using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Store;

namespace Strata.Cli.Verbs;

internal static class ImagesVerb
{
    private const string None = "<none>";

    public static Command Create(CliSession session)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "Only this repository, repository:tag or beginning of an id; * and ? stand for anything in a name",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all", "-a") { Description = "Every image; no other are kept back, so it changes nothing" };
        var filters = new Option<string[]>("--filter", "-f")
        {
            Description = "reference=PATTERN, dangling=true|false, label=KEY[=VALUE], before=IMAGE, since=IMAGE; may be given several times",
            HelpName = "FILTER",
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only ids" };
        var digests = new Option<bool>("--digests") { Description = "Also the digests that names stand for" };
        var noTruncation = new Option<bool>("--no-trunc") { Description = "Whole ids" };
        var format = ListFormat.Option();
        var command = new Command("images", "List images") { name, all, filters, quiet, digests, noTruncation, format };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var whole = parse.GetValue(noTruncation);
            var rows = host.Store.Images.List(ImageFilters.Read(host, parse.GetValue(name), parse.GetValue(filters) ?? [])).SelectMany(Rows).ToList();
            if (parse.GetValue(quiet))
            {
                foreach (var id in rows.Select(row => row.Image.Id).Distinct())
                {
                    session.Out.Line(whole ? id.ToString() : id.Short);
                }
                return Task.FromResult(ExitCodes.Success);
            }
            var now = session.Environment.Time.GetUtcNow();
            var withDigests = parse.GetValue(digests);
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["REPOSITORY", "TAG", .. withDigests ? ["DIGEST"] : Array.Empty<string>(), "IMAGE ID", "CREATED", "SIZE"],
                rows,
                row =>
                {
                    var digest = new Cell("Digest", (row.Name?.Manifest ?? row.Name?.Reference.Digest)?.ToString() ?? None);
                    return
                    [
                        new("Repository", row.Name?.Reference.FamiliarName ?? None),
                        new("Tag", row.Name?.Reference.Tag?.ToString() ?? None),
                        .. withDigests ? [digest] : Array.Empty<Cell>(),
                        Cell.Id(row.Image.Id, whole),
                        new("CreatedSince", Amounts.Ago(row.Image.Created, now)),
                        Cell.Size("Size", row.Image.Size),
                        Cell.Time("CreatedAt", row.Image.Created),
                        .. withDigests ? [] : new[] { digest },
                    ];
                });
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static IEnumerable<(ImageSummary Image, ImageName? Name)> Rows(ImageSummary image) =>
        image.Names.Count == 0 ? [(image, null)] : image.Names.Select(name => (image, (ImageName?)name));
}
