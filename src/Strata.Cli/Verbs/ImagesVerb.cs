using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Oci;
using Strata.Store;

namespace Strata.Cli.Verbs;

internal static class ImagesVerb
{
    private const string None = "<none>";

    public static Command Create(CliSession session)
    {
        var filter = new Argument<string?>("NAME") { Description = "Only this repository, or this repository:tag", Arity = ArgumentArity.ZeroOrOne };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only ids" };
        var noTruncation = new Option<bool>("--no-trunc") { Description = "Whole ids" };
        var format = ListFormat.Option();
        var command = new Command("images", "List images") { filter, quiet, noTruncation, format };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse);
            var whole = parse.GetValue(noTruncation);
            var wanted = parse.GetValue(filter) is { } text ? Reference.Parse(text) : null;
            var rows = host.Store.Images.List().SelectMany(Rows).Where(row => wanted is null || Fits(wanted, row.Name)).ToList();
            if (parse.GetValue(quiet))
            {
                foreach (var id in rows.Select(row => row.Image.Id).Distinct())
                {
                    session.Out.Line(whole ? id.ToString() : id.Short);
                }
                return Task.FromResult(ExitCodes.Success);
            }
            var now = session.Environment.Time.GetUtcNow();
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"],
                rows,
                row =>
                [
                    new("Repository", row.Name?.FamiliarName ?? None),
                    new("Tag", row.Name?.Tag?.ToString() ?? None),
                    new("ID", whole ? row.Image.Id.ToString() : row.Image.Id.Short),
                    new("CreatedSince", Amounts.Ago(row.Image.Created, now)),
                    new("Size", Amounts.Size(row.Image.Size)),
                    new("CreatedAt", row.Image.Created is { } created ? OciTime.Format(created) : ""),
                    new("Digest", row.Name?.Digest?.ToString() ?? None),
                ]);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static IEnumerable<(ImageSummary Image, Reference? Name)> Rows(ImageSummary image) => image.Names.Count == 0
        ? [(image, null)]
        : image.Names.Select(name => (image, (Reference?)name.Reference));

    private static bool Fits(Reference wanted, Reference? name) =>
        name is not null && name.Name == wanted.Name && (wanted.Tag is null || wanted.Tag == name.Tag);
}
