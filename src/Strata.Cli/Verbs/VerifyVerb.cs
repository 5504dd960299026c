using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Host;
using Strata.Store;

namespace Strata.Cli.Verbs;

/// <summary><c>system verify</c>.</summary>
internal static class VerifyVerb
{
    public static Command Create(CliSession session)
    {
        var repair = new Option<bool>("--repair") { Description = "Make or fetch again what is damaged; what can't be is taken away" };
        var format = ListFormat.Option();
        var command = new Command("verify", "Read everything and check it against its digest") { repair, format };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var findings = await FindAsync(session, host, parse.GetValue(repair), cancellationToken);
            var damage = findings.Where(finding => !finding.IsHarmless).ToList();
            var isRepair = parse.GetValue(repair);
            var exitCode = damage.Count == 0 || (isRepair && !damage.Exists(IsNotMended))
                ? ExitCodes.Success
                : ExitCodes.Failure;
            if (parse.GetValue(format) is { } how)
            {
                ListFormat.Write(session.Out, how, ["KIND", "HARMLESS", "MESSAGE"], findings, Cells);
                return exitCode;
            }
            foreach (var finding in findings.OfType<VerifyFinding.Restored>().Concat<VerifyFinding>(damage))
            {
                session.Error.Line(Say(finding));
            }
            var strays = findings.OfType<VerifyFinding.Stray>().ToList();
            if (strays.Count > 0)
            {
                session.Error.Line($"note: {(strays.Count == 1 ? $"{strays[0].Path} belongs" : $"{strays.Count} files or folders, such as {strays[0].Path}, belong")} to nothing: harmless, "
                    + (isRepair ? "and removed" : "left by a process that was killed; `strata system verify --repair` removes such things"));
            }
            if (damage.Count > 0)
            {
                session.Error.Line($"{damage.Count} found; {WhatNow(damage, isRepair)}");
                return exitCode;
            }
            session.Out.Line(findings.Any(finding => finding is VerifyFinding.Restored) ? "The store is whole again." : "The store is whole.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<IReadOnlyList<VerifyFinding>> FindAsync(CliSession session, StrataHost host, bool repair, CancellationToken cancellationToken)
    {
        using var display = new VerifyDisplay(session.Error);
        return repair
            ? await host.Store.Maintenance.RepairAsync(host.Registries.Origin, display, cancellationToken)
            : await host.Store.Maintenance.VerifyAsync(repair: false, display, cancellationToken);
    }

    private static Cell[] Cells(VerifyFinding finding) =>
    [
        new("Kind", finding.GetType().Name),
        new("Harmless", finding.IsHarmless ? "true" : "false", finding.IsHarmless),
        new("Message", Say(finding)),
    ];

    private static bool IsNotMended(VerifyFinding finding) =>
        IsLeft(finding) || finding is VerifyFinding.ManifestDamaged or VerifyFinding.DatabaseDamaged or VerifyFinding.ImageIncomplete;

    private static bool IsLeft(VerifyFinding finding) => finding is VerifyFinding.LeftInUse or VerifyFinding.SnapshotDamaged { IsInUse: true };

    private static string WhatNow(List<VerifyFinding> damage, bool isRepair)
    {
        if (damage.Exists(finding => finding is VerifyFinding.DatabaseDamaged))
        {
            return "the database itself can't be repaired: move the store's folder away and pull or build its images again";
        }
        if (damage.TrueForAll(finding => finding is VerifyFinding.ImageIncomplete))
        {
            return "pull or build again the images that lack something, or remove them with `strata rmi`";
        }
        if (!isRepair)
        {
            return "`strata system verify --repair` makes it again from what else is here, or fetches it where it came from";
        }
        if (damage.Exists(IsLeft))
        {
            return "what is in use was left: end the builds, pulls and containers that use it (`strata ps`), then `strata system verify --repair` again";
        }
        if (damage.Exists(finding => finding is VerifyFinding.ManifestDamaged))
        {
            return "no repository that had the manifest gave it again: pull or load its image again, or remove it with `strata rmi`";
        }
        return damage.Exists(finding => finding is VerifyFinding.ImageIncomplete)
            ? "what was damaged has been taken away: pull or build again the images that lack it, or remove them with `strata rmi`"
            : "what was damaged has been taken away, and is made again when it is needed";
    }

    private static string Say(VerifyFinding finding) => finding switch
    {
        VerifyFinding.BlobMissing missing => $"blob {missing.Blob} is gone from the disk",
        VerifyFinding.BlobDamaged damaged => $"blob {damaged.Blob} is damaged: its bytes are {damaged.Actual}",
        VerifyFinding.BlobSizeWrong wrong => $"the database says another size than {wrong.Size} of blob {wrong.Blob}, which is whole",
        VerifyFinding.BlobUnreadable unreadable => $"blob {unreadable.Blob} can't be read: {unreadable.Why}",
        VerifyFinding.Restored { From: RestoredFrom.Origin } restored => $"{restored.Content} was damaged, and has been fetched again from {restored.Repository!.FamiliarName}",
        VerifyFinding.Restored { From: RestoredFrom.ItsFile } restored => $"blob {restored.Content} is whole, and is known to the database again",
        VerifyFinding.Restored { From: RestoredFrom.Snapshot } restored => $"layer {restored.Content} was lost, and has been made again, to the byte, from its recipe and a snapshot's files",
        VerifyFinding.Restored restored => $"{restored.Content} was damaged, and has been made again from another form of its layer",
        VerifyFinding.LeftInUse used => $"blob {used.Blob} is damaged and in use by another process, and was left as it is",
        VerifyFinding.IndexDamaged index => $"the index of layer {index.DiffId} is damaged",
        VerifyFinding.LayerLost layer => $"layer {layer.DiffId} has no form left from which it could be made",
        VerifyFinding.ManifestDamaged manifest => $"manifest {manifest.Manifest} is damaged",
        VerifyFinding.ImageIncomplete image => $"image {image.Image} lacks {string.Join(", ", image.Missing)}",
        VerifyFinding.SnapshotMissing snapshot => $"the snapshot at {snapshot.Path} is gone",
        VerifyFinding.SnapshotDamaged snapshot => $"the snapshot at {snapshot.Path} is damaged: {snapshot.What}"
            + (snapshot.IsInUse ? "; it is in use and was left as it is" : ""),
        VerifyFinding.DatabaseDamaged database => $"the database is damaged: {database.Detail}",
        VerifyFinding.Stray stray => $"{stray.Path} belongs to nothing",
        _ => finding.ToString(),
    };
}
