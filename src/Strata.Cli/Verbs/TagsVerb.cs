using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Host;
using Strata.Host.Registries;
using Strata.Oci;
using Strata.Remote;

namespace Strata.Cli.Verbs;

/// <summary>The tags of a repository in a registry, what they meant before, and how to go back.</summary>
internal static class TagsVerb
{
    public static Command Create(CliSession session)
    {
        var repository = new Argument<string>("REPOSITORY") { Description = "registry/repository" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only the tags" };
        var format = ListFormat.Option();
        var verify = TlsVerify.Option();
        var command = new Command("tags", "List a repository's tags; see what they meant before; go back") { repository, quiet, format, verify, History(session), Rollback(session) };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var text = parse.GetRequiredValue(repository);
            if (!text.Contains('/', StringComparison.Ordinal) && text.Split(':')[0] is var registry && (registry.Contains('.', StringComparison.Ordinal) || registry == "localhost"))
            {
                throw new StrataException($"{text} names no repository", $"give one of that registry: strata tags {text}/REPOSITORY");
            }
            var reference = Reference.Parse(text);
            var tags = new List<TagView>();
            await foreach (var tag in host.Registries.TagsAsync(reference, details: !parse.GetValue(quiet), Reached(session, parse, verify, reference), cancellationToken))
            {
                tags.Add(tag);
            }
            if (parse.GetValue(quiet))
            {
                tags.ForEach(tag => session.Out.Line(tag.Tag.ToString()));
                return ExitCodes.Success;
            }
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["TAG", "DIGEST", "SIZE"],
                tags,
                tag =>
                [
                    new("Tag", tag.Tag.ToString()),
                    new("Digest", tag.Manifest?.Digest.ToString() ?? ""),
                    new("Size", tag.ContentSize is { } size ? Amounts.Size(size) : ""),
                ]);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command History(CliSession session)
    {
        var name = new Argument<string>("NAME") { Description = "registry/repository:tag" };
        var noTruncation = new Option<bool>("--no-trunc") { Description = "Whole digests" };
        var format = ListFormat.Option();
        var verify = TlsVerify.Option();
        var command = new Command("history", "What a tag has meant, the latest first (registries of strata)") { name, noTruncation, format, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var reference = Tagged(parse.GetRequiredValue(name));
            var changes = await host.Registries.TagHistoryAsync(reference, Reached(session, parse, verify, reference), cancellationToken);
            var now = session.Environment.Time.GetUtcNow();
            var whole = parse.GetValue(noTruncation);
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["WHEN", "WHO", "FROM", "TO"],
                changes,
                change =>
                [
                    new("When", Amounts.Ago(change.At, now)),
                    new("Who", change.By ?? "-"),
                    DigestCell("From", change.From, "-", whole),
                    DigestCell("To", change.To, "removed", whole),
                    new("At", change.At.ToString("O", CultureInfo.InvariantCulture)),
                ],
                whole);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Rollback(CliSession session)
    {
        var name = new Argument<string>("NAME") { Description = "registry/repository:tag" };
        var to = new Option<string?>("--to") { Description = "This digest, or the beginning of one in the tag's history, instead of what it meant last", HelpName = "DIGEST" };
        var verify = TlsVerify.Option();
        var command = new Command("rollback", "Let a tag mean again what it meant before (registries of strata)") { name, to, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var reference = Tagged(parse.GetRequiredValue(name));
            var reach = Reached(session, parse, verify, reference);
            var digest = parse.GetValue(to) switch
            {
                null => (Digest?)null,
                var text when Digest.TryParse(text, out var given) => given,
                var text => RollbackGoal.Find(text, await host.Registries.TagHistoryAsync(reference, reach, cancellationToken)),
            };
            var change = await host.Registries.RollbackAsync(reference, digest, reach, cancellationToken);
            session.Out.Line($"{session.Out.Bold(reference.Familiar)} is {change.To.Short} again (was {change.From?.Short ?? "nothing"})");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Cell DigestCell(string name, Digest? digest, string none, bool whole) =>
        new(name, digest is not { } known ? none : whole ? known.ToString() : known.Short, digest?.ToString());

    private static Reach Reached(CliSession session, ParseResult parse, Option<bool> verify, Reference reference) =>
        new() { IsInsecure = TlsVerify.IsOff(session, parse, verify, reference.Registry) };

    private static Reference Tagged(string text)
    {
        var reference = Reference.Parse(text).WithDefaultTag();
        return reference.Digest is null ? reference : throw new StrataException($"'{text}' is a digest, which never means anything else", "give a tag");
    }
}
