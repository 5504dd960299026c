using System.CommandLine;
using System.Globalization;
using Strata.Cli.Rendering;
using Strata.Cli.Templates;
using Strata.Host.Running;
using Strata.Oci;
using Strata.Runtime;

namespace Strata.Cli.Verbs;

internal static class PsVerb
{
    private const int CommandWidth = 24;

    public static Command Create(CliSession session)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Those that have ended too" };
        var filters = new Option<string[]>("--filter", "-f") { Description = "Only those that fit: id, name, label, status, exited or ancestor", HelpName = "KEY=VALUE" };
        var last = new Option<int?>("--last", "-n") { Description = "The last so many made, ended or not", HelpName = "COUNT" };
        var latest = new Option<bool>("--latest", "-l") { Description = "The last one made, ended or not" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Only ids" };
        var noTruncation = new Option<bool>("--no-trunc") { Description = "Whole ids and commands" };
        var format = ListFormat.Option();
        var command = new Command("ps", "List containers") { all, filters, last, latest, quiet, noTruncation, format };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var whole = parse.GetValue(noTruncation);
            var filter = ContainerFilter.Parse(parse.GetValue(filters) ?? []);
            int? count = parse.GetValue(latest) ? 1 : parse.GetValue(last) is >= 0 and var number ? number : null;
            var containers = host.Containers.List()
                .Where(c => parse.GetValue(all) || count is not null || filter.AsksForEnded || c.Status.Phase is ContainerPhase.Running or ContainerPhase.Starting)
                .Where(c => filter.Fits(c, text => host.Images.Find(text)?.Image.Id))
                .Take(count ?? int.MaxValue)
                .ToList();
            if (parse.GetValue(quiet))
            {
                containers.ForEach(c => session.Out.Line(whole ? c.Record.Id : c.Record.Id[..12]));
                return Task.FromResult(ExitCodes.Success);
            }
            var now = session.Environment.Time.GetUtcNow();
            ListFormat.Write(
                session.Out,
                parse.GetValue(format),
                ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "NAMES"],
                containers,
                c =>
                [
                    new("ID", whole ? c.Record.Id : c.Record.Id[..12], c.Record.Id),
                    new("Image", c.Record.ImageName ?? c.Record.Image.Short),
                    new("Command", Quoted(string.Join(' ', c.Details.Command), whole), Value.Of(c.Details.Command)),
                    new("RunningFor", Amounts.Ago(c.Record.Created, now)),
                    new("Status", ContainerStatusText.Of(c, now)),
                    new("Names", c.Record.Name),
                    new("State", c.State),
                    new("CreatedAt", c.Record.Created.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture), OciTime.Format(c.Record.Created)),
                    new("CreatedSince", Amounts.Ago(c.Record.Created, now)),
                    new("Labels", string.Join(',', c.Details.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))),
                    // No port is published: what listens inside listens on the machine.
                    new("Ports", ""),
                ]);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static string Quoted(string command, bool whole) =>
        whole || command.Length <= CommandWidth ? $"\"{command}\"" : $"\"{command[..(CommandWidth - 1)]}…\"";
}
