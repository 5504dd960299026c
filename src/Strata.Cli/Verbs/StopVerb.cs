using System.CommandLine;

namespace Strata.Cli.Verbs;

internal static class StopVerb
{
    private const int DefaultSeconds = 10;

    public static Command Create(CliSession session)
    {
        var names = new Argument<string[]>("CONTAINER") { Description = "Names or ids", Arity = ArgumentArity.OneOrMore };
        var seconds = new Option<int>("--time", "-t") { Description = "How long it may take before it is killed", DefaultValueFactory = _ => DefaultSeconds, HelpName = "SECONDS" };
        var command = new Command("stop", "Stop containers: their stop signal, then SIGKILL") { names, seconds };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse);
            var containers = host.Containers;
            return await session.EachAsync(parse.GetRequiredValue(names), async name =>
            {
                await containers.StopAsync(containers.Get(name), TimeSpan.FromSeconds(parse.GetValue(seconds)), cancellationToken);
                session.Out.Line(name);
            });
        });
        return command;
    }
}
