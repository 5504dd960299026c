using System.CommandLine;
using Strata.Host;

namespace Strata.Cli.Verbs;

internal static class LogoutVerb
{
    public static Command Create(CliSession session)
    {
        var registry = LoginVerb.RegistryArgument();
        var all = new Option<bool>("--all", "-a") { Description = "Forget the logins of all registries" };
        var command = new Command("logout", "Forget a registry's name and password") { registry, all };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            if (parse.GetValue(all))
            {
                if (parse.GetResult(registry) is { Implicit: false })
                {
                    throw new StrataException("--all and the name of a registry exclude each other");
                }
                var count = await host.Registries.LogoutAllAsync(cancellationToken);
                session.Out.Line(count == 0 ? "Nobody was logged in anywhere" : $"Logged out of all registries ({count})");
                return ExitCodes.Success;
            }
            var where = LoginVerb.Parse(parse.GetRequiredValue(registry));
            session.Out.Line(await host.Registries.LogoutAsync(where, cancellationToken)
                ? $"Logged out of {where}"
                : $"Nobody was logged in at {where}");
            return ExitCodes.Success;
        });
        return command;
    }
}
