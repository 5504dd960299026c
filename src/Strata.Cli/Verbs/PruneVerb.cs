using System.CommandLine;
using Strata.Cli.Rendering;
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
        var hours = new Option<double>("--older-than") { Description = "Only what has not been used for so many hours", HelpName = "HOURS" };
        var command = new Command("prune", "Remove what no image and no container uses") { all, force, dryRun, hours };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse);
            var everything = parse.GetValue(all);
            var rehearsal = parse.GetValue(dryRun);
            if (parse.GetValue(hours) < 0)
            {
                throw new StrataException("--older-than takes a number of hours from 0 on");
            }
            if (!rehearsal && !parse.GetValue(force))
            {
                await ConfirmAsync(session, everything, cancellationToken);
            }
            var result = await host.Store.Maintenance.PruneAsync(
                new PruneOptions
                {
                    UnusedImages = everything,
                    BuildCache = everything,
                    Snapshots = everything,
                    OlderThan = TimeSpan.FromHours(parse.GetValue(hours)),
                    DryRun = rehearsal,
                },
                cancellationToken);
            foreach (var (kind, count) in result.Removed.Where(removed => removed.Value.Count > 0))
            {
                session.Out.Line($"{Name(kind)}: {count.Count} ({Amounts.Size(count.Bytes)})");
            }
            session.Out.Line($"{(rehearsal ? "Would free" : "Freed")} {Amounts.Size(result.Bytes)}");
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task ConfirmAsync(CliSession session, bool everything, CancellationToken cancellationToken)
    {
        if (!Terminal.IsTerminal(0))
        {
            throw new StrataException("prune asks before it removes, and there is no terminal to ask on", "say --force, or look first with --dry-run");
        }
        session.Error.Writer.Write(everything
            ? "This removes every image that no container uses, and the build cache. Go on? [y/N] "
            : "This removes images without a name and what only they use. Go on? [y/N] ");
        session.Error.Flush();
        var buffer = new byte[64];
        var count = await StandardStreams.Input.ReadAsync(buffer, cancellationToken);
        if (count == 0 || buffer[0] is not ((byte)'y' or (byte)'Y'))
        {
            throw new StrataException("nothing was removed");
        }
    }

    private static string Name(GarbageKind kind) => kind switch
    {
        GarbageKind.Image => "images",
        GarbageKind.BuildStep => "build cache",
        GarbageKind.Layer => "layers",
        GarbageKind.Snapshot => "snapshots",
        GarbageKind.Index => "indexes of several platforms",
        GarbageKind.Blob => "blobs",
        _ => "temporaries",
    };
}
