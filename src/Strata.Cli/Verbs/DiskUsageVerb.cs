using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Host;
using Strata.Host.Running;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Cli.Verbs;

/// <summary><c>system df</c>.</summary>
internal static class DiskUsageVerb
{
    private const string None = "<none>";

    public static Command Create(CliSession session)
    {
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Every image, container and result of the build cache by itself" };
        var format = ListFormat.Option();
        var command = new Command("df", "What takes the space, and what could be had back") { verbose, format };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            if (parse.GetValue(verbose))
            {
                WriteAll(session, host, parse.GetValue(format));
            }
            else
            {
                WriteSums(session, host, parse.GetValue(format));
            }
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static void WriteSums(CliSession session, StrataHost host, string? format)
    {
        var usage = host.Store.Maintenance.DiskUsage();
        var idle = host.Containers.List().Where(container => !IsRunning(container)).ToList();
        // As docker counts: one that has ended could be removed, and gives back what it wrote.
        var containers = usage.Containers with { Active = usage.Containers.Count - idle.Count, Reclaimable = idle.Sum(container => usage.ContainerSizes.GetValueOrDefault(container.Record.Id)) };
        (string Name, UsageRow Row)[] rows = [("Images", usage.Images), ("Containers", containers), ("Build Cache", usage.BuildCache), ("Snapshots", usage.Snapshots)];
        ListFormat.Write(
            session.Out,
            format,
            ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"],
            rows,
            row =>
            [
                new("Type", row.Name),
                new("TotalCount", row.Row.Count.ToString(CultureInfo.InvariantCulture)),
                new("Active", row.Row.Active.ToString(CultureInfo.InvariantCulture)),
                new("Size", Amounts.Size(row.Row.Size)),
                new("Reclaimable", Reclaimable(row.Row)),
            ]);
    }

    private static string Reclaimable(UsageRow row) =>
        row.Size > 0 ? $"{Amounts.Size(row.Reclaimable)} ({row.Reclaimable * 100 / row.Size}%)" : Amounts.Size(row.Reclaimable);

    private static void WriteAll(CliSession session, StrataHost host, string? format)
    {
        if (format is not (null or "table"))
        {
            throw new StrataException("system df -v writes several tables, and --format makes one", "leave one of them out");
        }
        var now = session.Environment.Time.GetUtcNow();
        var maintenance = host.Store.Maintenance;
        session.Out.Line("Images space usage:");
        session.Out.Line();
        ListFormat.Write(
            session.Out,
            format,
            ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"],
            [.. maintenance.ImageUsage().SelectMany(usage => usage.Image.Names.Select(name => (usage, Name: (ImageName?)name)).DefaultIfEmpty((usage, null)))],
            row =>
            [
                new("Repository", row.Name?.Reference.FamiliarName ?? None),
                new("Tag", row.Name?.Reference.Tag?.ToString() ?? None),
                new("ID", row.usage.Image.Id.Short),
                new("CreatedSince", Amounts.Ago(row.usage.Image.Created, now)),
                new("Size", Amounts.Size(row.usage.Shared + row.usage.Unique)),
                new("SharedSize", Amounts.Size(row.usage.Shared)),
                new("UniqueSize", Amounts.Size(row.usage.Unique)),
                new("Containers", row.usage.Image.Containers.ToString(CultureInfo.InvariantCulture)),
            ]);
        var sizes = maintenance.DiskUsage().ContainerSizes;
        session.Out.Line();
        session.Out.Line("Containers space usage:");
        session.Out.Line();
        ListFormat.Write(
            session.Out,
            format,
            ["CONTAINER ID", "IMAGE", "SIZE", "CREATED", "STATUS", "NAMES"],
            host.Containers.List(),
            container =>
            [
                new("ID", container.Record.Id[..12]),
                new("Image", container.Record.ImageName ?? container.Record.Image.Short),
                new("Size", Amounts.Size(sizes.GetValueOrDefault(container.Record.Id))),
                new("CreatedSince", Amounts.Ago(container.Record.Created, now)),
                new("Status", ContainerStatusText.Of(container, now)),
                new("Names", container.Record.Name),
            ]);
        var steps = maintenance.BuildStepUsage();
        session.Out.Line();
        session.Out.Line("Build cache usage:");
        session.Out.Line();
        ListFormat.Write(
            session.Out,
            format,
            ["CACHE ID", "SIZE", "CREATED", "LAST USED", "SHARED", "STEP"],
            steps,
            step =>
            [
                new("ID", step.Key.Short),
                new("Size", Amounts.Size(step.Bytes)),
                new("CreatedSince", Amounts.Ago(step.Created, now)),
                new("LastUsedSince", Amounts.Ago(step.LastUsed, now)),
                new("Shared", step.Shared ? "true" : "false"),
                new("Step", step.Description.ReplaceLineEndings(" ")),
            ]);
    }

    private static bool IsRunning(ContainerView container) => container.Status.Phase is ContainerPhase.Running or ContainerPhase.Starting;
}
