using System.CommandLine;
using System.Globalization;
using Strata.Runtime;

namespace Strata.Cli.Verbs;

internal static class LogsVerb
{
    public static Command Create(CliSession session)
    {
        var container = new Argument<string>("CONTAINER") { Description = "Name or id" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the container ends" };
        var tail = new Option<int?>("--tail", "-n") { Description = "Only the last lines", HelpName = "LINES" };
        var timestamps = new Option<bool>("--timestamps") { Description = "When each line was written, in front of it" };
        var command = new Command("logs", "What a container has printed") { container, follow, tail, timestamps };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse);
            var containers = host.Containers;
            var which = containers.Get(parse.GetRequiredValue(container));
            await foreach (var record in containers.LogAsync(which, parse.GetValue(tail), parse.GetValue(follow), cancellationToken))
            {
                var output = record.Stream == OutputStream.Output ? session.Out : session.Error;
                if (parse.GetValue(timestamps))
                {
                    output.Writer.Write(record.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z' ", CultureInfo.InvariantCulture));
                }
                output.Flush();
                await output.Bytes.WriteAsync(record.Bytes, cancellationToken);
            }
            return ExitCodes.Success;
        });
        return command;
    }
}
