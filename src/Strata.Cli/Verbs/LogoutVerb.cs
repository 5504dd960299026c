using System.CommandLine;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class LogoutVerb
{
    public static Command Create(CliSession session)
    {
        var registry = new Argument<string>("REGISTRY") { Description = "Host and port of the registry", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => Reference.DefaultRegistry };
        var command = new Command("logout", "Forget a registry's name and password") { registry };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var where = parse.GetRequiredValue(registry);
            session.Out.Line(await host.Registries.LogoutAsync(where, cancellationToken)
                ? $"Logged out of {where}"
                : $"Nobody was logged in at {where}");
            return ExitCodes.Success;
        });
        return command;
    }
}
