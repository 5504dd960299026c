using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Strata.Host.Running;
using Strata.Runtime;

namespace Strata.Cli.Verbs;

internal static class LogsVerb
{
    private const int AllLines = -1;

    public static Command Create(CliSession session)
    {
        var container = new Argument<string>("CONTAINER") { Description = "Name or id" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the container ends" };
        var tail = new Option<int>("--tail", "-n") { DefaultValueFactory = _ => AllLines, Description = "Only the last lines: a number, or all; else all", HelpName = "LINES", CustomParser = Lines };
        var since = new Option<DateTimeOffset?>("--since")
        {
            Description = "Only what was written later: a time, or how long ago (10m, 1h30m, 7d)",
            HelpName = "TIME",
            CustomParser = result => MomentArgument.Parse(result, "--since", session.Environment.Time),
        };
        var until = new Option<DateTimeOffset?>("--until")
        {
            Description = "Only what was written earlier",
            HelpName = "TIME",
            CustomParser = result => MomentArgument.Parse(result, "--until", session.Environment.Time),
        };
        var timestamps = new Option<bool>("--timestamps", "-t") { Description = "When each line was written, in front of it" };
        var command = new Command("logs", "What a container has printed") { container, follow, tail, since, until, timestamps };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var containers = host.Containers;
            var which = containers.Get(parse.GetRequiredValue(container));
            var query = new LogQuery { Tail = parse.GetValue(tail) is >= 0 and var lines ? lines : null, Since = parse.GetValue(since), Until = parse.GetValue(until), Follow = parse.GetValue(follow) };
            await foreach (var record in containers.LogAsync(which, query, cancellationToken))
            {
                var output = record.Stream == OutputStream.Output ? session.Out : session.Error;
                if (parse.GetValue(timestamps))
                {
                    output.Writer.Write(record.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z' ", CultureInfo.InvariantCulture));
                }
                output.Flush();
                await output.Bytes.WriteAsync(record.Bytes, cancellationToken);
            }
            if (containers.Get(which.Record.Id).Status.Exit?.LogProblem is { } problem)
            {
                session.Error.Line($"{session.Error.Yellow("note:")} the log is cut here: {problem}");
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static int Lines(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (text == "all" || int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lines) && lines < 0)
        {
            return AllLines;
        }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out lines))
        {
            return lines;
        }
        result.AddError($"'{text}' is no number of lines: --tail takes a number, or all");
        return AllLines;
    }
}
