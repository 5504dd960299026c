using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Store;

namespace Strata.Cli.Verbs;

internal static class SystemVerb
{
    public static Command Create(CliSession session) => new("system", "The store itself: how much it holds, and whether it is whole")
    {
        DiskUsage(session),
        Verify(session),
    };

    private static Command DiskUsage(CliSession session)
    {
        var format = ListFormat.Option();
        var command = new Command("df", "What takes the space, and what could be had back") { format };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse);
            var usage = host.Store.Maintenance.DiskUsage();
            (string Name, UsageRow Row)[] rows =
            [
                ("Images", usage.Images), ("Containers", usage.Containers), ("Build cache", usage.BuildCache), ("Snapshots", usage.Snapshots),
            ];
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"],
                rows,
                row =>
                [
                    new("Type", row.Name),
                    new("TotalCount", row.Row.Count.ToString(CultureInfo.InvariantCulture)),
                    new("Active", row.Row.Active.ToString(CultureInfo.InvariantCulture)),
                    new("Size", Amounts.Size(row.Row.Size)),
                    new("Reclaimable", Amounts.Size(row.Row.Reclaimable)),
                ]);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static Command Verify(CliSession session)
    {
        var repair = new Option<bool>("--repair") { Description = "Take away what is damaged, so that it is fetched or built again" };
        var command = new Command("verify", "Read everything and check it against its digest") { repair };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse);
            var findings = await host.Store.Maintenance.VerifyAsync(parse.GetValue(repair), Progress(session), cancellationToken);
            foreach (var finding in findings)
            {
                session.Error.Line(Say(finding));
            }
            if (findings.Count > 0)
            {
                session.Error.Line(parse.GetValue(repair)
                    ? $"{findings.Count} found; what was damaged has been taken away"
                    : $"{findings.Count} found; `strata system verify --repair` takes away what is damaged");
                return parse.GetValue(repair) ? ExitCodes.Success : ExitCodes.Failure;
            }
            session.Out.Line("The store is whole.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Progress<VerifyProgress>? Progress(CliSession session)
    {
        if (!session.Error.IsTerminal)
        {
            return null;
        }
        var region = new LiveRegion(session.Error);
        return new Progress<VerifyProgress>(progress =>
        {
            lock (region)
            {
                if (progress.Done < progress.Total)
                {
                    region.Draw([$"{Amounts.Size(progress.Done)} / {Amounts.Size(progress.Total)} checked"]);
                }
                else
                {
                    region.Clear();
                }
            }
        });
    }

    private static string Say(VerifyFinding finding) => finding switch
    {
        VerifyFinding.BlobMissing missing => $"blob {missing.Blob} is gone from the disk",
        VerifyFinding.BlobDamaged damaged => $"blob {damaged.Blob} is damaged: its bytes are {damaged.Actual}",
        VerifyFinding.Stray stray => $"{stray.Path} belongs to nothing",
        VerifyFinding.IndexDamaged index => $"the index of layer {index.DiffId} is damaged",
        VerifyFinding.LayerLost layer => $"layer {layer.DiffId} has no form left from which it could be made",
        VerifyFinding.ManifestDamaged manifest => $"manifest {manifest.Manifest} is damaged",
        VerifyFinding.ImageIncomplete image => $"image {image.Image} lacks {string.Join(", ", image.Missing)}",
        VerifyFinding.SnapshotMissing snapshot => $"the snapshot at {snapshot.Path} is gone",
        VerifyFinding.DatabaseDamaged database => $"the database is damaged: {database.Detail}",
        _ => finding.ToString(),
    };
}
