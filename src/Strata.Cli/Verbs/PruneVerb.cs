using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Cli.Templates;
using Strata.Host;
using Strata.Linux;
using Strata.Store;

namespace Strata.Cli.Verbs;

internal static class PruneVerb
{
    public static Command Create(CliSession session)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Every image that no container uses, and the build cache, not only what has no name" };
        var force = new Option<bool>("--force", "-f") { Description = "Do not ask" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only tell what would go" };
        var age = new Option<string?>("--older-than") { Description = "Only what has not been used for so long: hours, or a time such as 90m, 36h, 7d", HelpName = "TIME" };
        var filters = new Option<string[]>("--filter") { Description = "until=TIME: only what was last used before that moment, or so long ago", HelpName = "FILTER" };
        var keep = new Option<string?>("--keep-storage")
        {
            Description = "Let images and build cache together take so much, such as 10GB; what was used longest ago goes first, named images only with --all",
            HelpName = "SIZE",
        };
        var format = ListFormat.Option("json, or a template such as '{{.Reclaimed}}'");
        var command = new Command("prune", "Remove what no image and no container uses") { all, force, dryRun, age, filters, keep, format };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            var everything = parse.GetValue(all);
            var rehearsal = parse.GetValue(dryRun);
            var budget = parse.GetValue(keep) is { } size ? SizeOf(size) : (long?)null;
            var options = new PruneOptions
            {
                UnusedImages = everything,
                BuildCache = everything || budget is not null,
                Snapshots = everything || budget is not null,
                RedundantTars = everything || budget is not null,
                KeepBytes = budget,
                OlderThan = AgeOf(parse.GetValue(age), parse.GetValue(filters) ?? [], session.Environment.Time.GetUtcNow()),
                DryRun = rehearsal,
            };
            using var host = session.OpenHost(parse, looksOnly: true);
            // Where that is nobody's store, before the question.
            var store = host.Store;
            if (!rehearsal && !parse.GetValue(force))
            {
                await ConfirmAsync(session, options, cancellationToken);
            }
            var result = await store.Maintenance.PruneAsync(options, cancellationToken);
            if (parse.GetValue(format) is { Length: > 0 } how and not "table")
            {
                ListFormat.WriteOne(session.Out, how, Data(result, rehearsal));
            }
            else
            {
                Write(session.Out, result, rehearsal);
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Write(Output output, PruneResult result, bool rehearsal)
    {
        if (result.Images.Count > 0)
        {
            output.Line(rehearsal ? "Images that would go:" : "Deleted Images:");
            foreach (var name in result.Untagged)
            {
                output.Line($"{(rehearsal ? "would untag" : "untagged")}: {name.Familiar}");
            }
            foreach (var id in result.Images)
            {
                output.Line($"{(rehearsal ? "would delete" : "deleted")}: {id}");
            }
            output.Line();
        }
        if (result.BuildSteps.Count > 0)
        {
            output.Line(rehearsal ? "Build cache objects that would go:" : "Deleted build cache objects:");
            foreach (var key in result.BuildSteps)
            {
                output.Line(key.Short);
            }
            output.Line();
        }
        foreach (var (kind, count) in result.Removed.Where(removed => removed.Value.Count > 0).OrderBy(removed => removed.Key))
        {
            if (Name(kind) is { } name)
            {
                output.Line($"{name}: {count.Count} ({Amounts.Size(count.Bytes)})");
            }
        }
        output.Line($"{(rehearsal ? "Total reclaimable space" : "Total reclaimed space")}: {Amounts.Size(result.Bytes)}");
    }

    private static Value.Fields Data(PruneResult result, bool rehearsal) => Value.Of(
        ("DryRun", rehearsal),
        ("Untagged", Value.Of(result.Untagged.Select(name => name.Familiar))),
        ("Images", Value.Of(result.Images.Select(id => id.ToString()))),
        ("BuildCache", Value.Of(result.BuildSteps.Select(key => key.ToString()))),
        ("Removed", Value.Of([.. result.Removed.OrderBy(removed => removed.Key).Select(removed =>
            (removed.Key.ToString(), (Value)Value.Of(("Count", removed.Value.Count), ("Bytes", removed.Value.Bytes))))])),
        ("Reclaimed", result.Bytes));

    private static async Task ConfirmAsync(CliSession session, PruneOptions options, CancellationToken cancellationToken)
    {
        if (!Terminal.IsTerminal(0))
        {
            throw new StrataException("prune asks before it removes, and there is no terminal to ask on", "say --force, or look first with --dry-run");
        }
        session.Error.Writer.Write($"This removes {(options.UnusedImages ? "every image that no container uses" : "images without a name and what only they use")}{(options.BuildCache ? ", and the build cache" : "")}"
            + $"{(options.KeepBytes is { } bytes ? $", until {Amounts.Size(bytes)} are left" : "")}. Go on? [y/N] ");
        session.Error.Flush();
        var buffer = new byte[64];
        var count = await StandardStreams.Input.ReadAsync(buffer, cancellationToken);
        if (count == 0 || buffer[0] is not ((byte)'y' or (byte)'Y'))
        {
            throw new StrataException("nothing was removed");
        }
    }

    private static long SizeOf(string text) => Quantities.TryParseSize(text, out var bytes)
        ? bytes
        : throw new StrataException($"--keep-storage {text} is no size", "give bytes, or a number with kB, MB, GB or KiB, MiB, GiB");

    private static TimeSpan AgeOf(string? olderThan, string[] filters, DateTimeOffset now)
    {
        var age = TimeSpan.Zero;
        if (olderThan is not null)
        {
            age = double.TryParse(olderThan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours) && hours < TimeSpan.MaxValue.TotalHours
                ? TimeSpan.FromHours(hours)
                : Quantities.TryParseTime(olderThan, out var time) ? time : throw new StrataException($"--older-than {olderThan} is no time", "give a number of hours from 0 on, or a time such as 90m, 36h, 7d");
        }
        foreach (var filter in filters)
        {
            var until = ImageFilters.Split(filter) is { Key: "until", Value: { Length: > 0 } value }
                ? SinceOf(value, now)
                : throw new StrataException($"--filter {filter} is not known to prune", "known is until=TIME, a time such as 24h or a moment such as 2026-01-31T12:00:00Z");
            age = until > age ? until : age;
        }
        return age;
    }

    private static TimeSpan SinceOf(string text, DateTimeOffset now)
    {
        if (!MomentArgument.TryParse(text, now, out var moment))
        {
            throw new StrataException($"until={text} is no time", "give a time such as 24h, or a moment such as 2026-01-31T12:00:00Z");
        }
        return moment <= now ? now - moment : throw new StrataException($"until={text} is in the future", "give a moment that has passed");
    }

    /// <summary>Null for what has a list of its own.</summary>
    private static string? Name(GarbageKind kind) => kind switch
    {
        GarbageKind.Image or GarbageKind.BuildStep => null,
        GarbageKind.Layer => "Layers",
        GarbageKind.Snapshot => "Snapshots",
        GarbageKind.Manifest => "Indexes and attachments",
        GarbageKind.Blob => "Blobs",
        GarbageKind.Tar => "Tars of layers that are kept compressed too",
        _ => "Left by processes that died",
    };
}
