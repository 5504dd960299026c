using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Cli.Templates;
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
        var command = new Command("df", "What takes the space, and what `strata prune --all` would give back") { verbose, format };
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
                Cell.Count("TotalCount", row.Row.Count),
                Cell.Count("Active", row.Row.Active),
                Cell.Size("Size", row.Row.Size),
                new("Reclaimable", Reclaimable(row.Row), row.Row.Reclaimable),
            ]);
    }

    private static string Reclaimable(UsageRow row) =>
        row.Size > 0 ? $"{Amounts.Size(row.Reclaimable)} ({row.Reclaimable * 100 / row.Size}%)" : Amounts.Size(row.Reclaimable);

    private static void WriteAll(CliSession session, StrataHost host, string? format)
    {
        Section[] sections = [Images(session, host), Containers(session, host), BuildCache(session, host)];
        if (format is not (null or "table"))
        {
            ListFormat.WriteOne(session.Out, format, Value.Of([.. sections.Select(section => (section.Name, ListFormat.Data(section.Rows)))]));
            return;
        }
        foreach (var section in sections)
        {
            if (section != sections[0])
            {
                session.Out.Line();
            }
            session.Out.Line(section.Title);
            session.Out.Line();
            ListFormat.Write(session.Out, format, section.Headings, section.Rows, row => row);
        }
    }

    private static Section Images(CliSession session, StrataHost host)
    {
        var now = session.Environment.Time.GetUtcNow();
        var rows = host.Store.Maintenance.ImageUsage().SelectMany(usage => usage.Image.Names.Select(name => (usage, Name: (ImageName?)name)).DefaultIfEmpty((usage, null)));
        return new("Images", "Images space usage:", ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"],
        [
            .. rows.Select(row => new Cell[]
            {
                new("Repository", row.Name?.Reference.FamiliarName ?? None),
                new("Tag", row.Name?.Reference.Tag?.ToString() ?? None),
                Cell.Id(row.usage.Image.Id, whole: false),
                new("CreatedSince", Amounts.Ago(row.usage.Image.Created, now)),
                Cell.Size("Size", row.usage.Shared + row.usage.Unique),
                Cell.Size("SharedSize", row.usage.Shared),
                Cell.Size("UniqueSize", row.usage.Unique),
                Cell.Count("Containers", row.usage.Image.Containers),
                Cell.Time("CreatedAt", row.usage.Image.Created),
            }),
        ]);
    }

    private static Section Containers(CliSession session, StrataHost host)
    {
        var now = session.Environment.Time.GetUtcNow();
        var sizes = host.Store.Maintenance.DiskUsage().ContainerSizes;
        return new("Containers", "Containers space usage:", ["CONTAINER ID", "IMAGE", "SIZE", "CREATED", "STATUS", "NAMES"],
        [
            .. host.Containers.List().Select(container => new Cell[]
            {
                new("ID", container.Record.Id[..12], container.Record.Id),
                new("Image", container.Record.ImageName ?? container.Record.Image.Short),
                Cell.Size("Size", sizes.GetValueOrDefault(container.Record.Id)),
                new("CreatedSince", Amounts.Ago(container.Record.Created, now)),
                new("Status", ContainerStatusText.Of(container, now)),
                new("Names", container.Record.Name),
                Cell.Time("CreatedAt", container.Record.Created),
            }),
        ]);
    }

    private static Section BuildCache(CliSession session, StrataHost host)
    {
        var now = session.Environment.Time.GetUtcNow();
        return new("BuildCache", "Build cache usage:", ["CACHE ID", "SIZE", "CREATED", "LAST USED", "SHARED", "STEP"],
        [
            .. host.Store.Maintenance.BuildStepUsage().Select(step => new Cell[]
            {
                Cell.Id(step.Key, whole: false),
                Cell.Size("Size", step.Bytes),
                new("CreatedSince", Amounts.Ago(step.Created, now)),
                new("LastUsedSince", Amounts.Ago(step.LastUsed, now)),
                new("Shared", step.Shared ? "true" : "false", step.Shared),
                new("Step", step.Description.ReplaceLineEndings(" "), step.Description),
                Cell.Time("CreatedAt", step.Created),
                Cell.Time("LastUsedAt", step.LastUsed),
            }),
        ]);
    }

    private static bool IsRunning(ContainerView container) => container.Status.Phase is ContainerPhase.Running or ContainerPhase.Starting;

    /// <param name="Name">What JSON calls it, as docker's does.</param>
    /// <param name="Title">What stands over its table.</param>
    private sealed record Section(string Name, string Title, string[] Headings, IReadOnlyList<Cell[]> Rows);
}
