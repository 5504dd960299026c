using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Strata.Linux;

namespace Strata.Cli.Verbs;

internal static class StopVerb
{
    private const int DefaultSeconds = 10;

    public static Command Create(CliSession session)
    {
        var names = new Argument<string[]>("CONTAINER") { Description = "Names or ids", Arity = ArgumentArity.OneOrMore };
        var seconds = new Option<int>("--time", "-t", "--timeout")
        {
            Description = "How long it may take before it is killed; -1: as long as it wants",
            DefaultValueFactory = _ => DefaultSeconds,
            HelpName = "SECONDS",
            CustomParser = Seconds,
        };
        var signal = new Option<int?>("--signal", "-s") { Description = "What asks it to stop, instead of its own stop signal", HelpName = "SIGNAL", CustomParser = Signal };
        var command = new Command("stop", "Stop containers: their stop signal, then SIGKILL") { names, seconds, signal };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var containers = host.Containers;
            var grace = parse.GetValue(seconds) is >= 0 and var wait ? TimeSpan.FromSeconds(wait) : Timeout.InfiniteTimeSpan;
            return await session.EachAsync(parse, parse.GetRequiredValue(names), async name =>
            {
                await containers.StopAsync(containers.Get(name), parse.GetValue(signal), grace, cancellationToken);
                session.Out.Line(name);
            });
        });
        return command;
    }

    private static int Seconds(ArgumentResult result)
    {
        // A timer can't be set to more than some fifty days.
        const int most = 40 * 24 * 3600;
        var text = result.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && seconds is >= -1 and <= most)
        {
            return seconds;
        }
        result.AddError($"'{text}' is no number of seconds: --time takes one from 0 to {most}, or -1 to wait as long as it takes");
        return DefaultSeconds;
    }

    private static int? Signal(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (SignalName.TryParse(text, out var number))
        {
            return number;
        }
        result.AddError($"'{text}' is no signal: --signal takes a name or a number, such as INT, SIGQUIT or 3");
        return null;
    }
}
