using System.CommandLine;

namespace Strata.Cli.Verbs;

internal static class RmVerb
{
    public static Command Create(CliSession session)
    {
        var names = new Argument<string[]>("CONTAINER") { Description = "Names or ids", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Kill it first if it runs" };
        var volumes = new Option<bool>("--volumes", "-v") { Description = "Nothing more, since containers have no volumes of their own; folders of this machine stay" };
        var command = new Command("rm", "Remove containers") { names, force, volumes };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var containers = host.Containers;
            return await session.EachAsync(parse, parse.GetRequiredValue(names), async name =>
            {
                await containers.RemoveAsync(containers.Get(name), parse.GetValue(force), cancellationToken);
                session.Out.Line(name);
            });
        });
        return command;
    }
}
