using System.CommandLine;
using System.Text;
using Strata.Host;
using Strata.Linux;
using Strata.Oci;
using Strata.Remote;
using Strata.Remote.Credentials;

namespace Strata.Cli.Verbs;

internal static class LoginVerb
{
    private const int LongestLine = 4096;

    public static Command Create(CliSession session)
    {
        var registry = RegistryArgument();
        var user = new Option<string?>("--username", "-u") { Description = "Asked for when not given", HelpName = "NAME" };
        var password = new Option<bool>("--password-stdin") { Description = "Take the password from standard input" };
        var who = new Option<bool>("--get-login") { Description = "Print who is logged in there, and do nothing else" };
        var verify = TlsVerify.Option();
        var command = new Command("login", "Check a name and password with a registry, and keep them") { registry, user, password, who, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var where = Parse(parse.GetRequiredValue(registry));
            if (parse.GetValue(who))
            {
                session.Out.Line(await host.Registries.UserAsync(where, cancellationToken)
                    ?? throw new StrataException($"nobody is logged in at {where}", $"log in: strata login {where}"));
                return ExitCodes.Success;
            }
            var fromInput = parse.GetValue(password);
            if (!fromInput && !Terminal.IsTerminal(0))
            {
                throw new StrataException("there is no terminal to ask for the password on", "pipe it in: strata login -u NAME --password-stdin REGISTRY < FILE");
            }
            var name = parse.GetValue(user) ?? (fromInput
                ? throw new StrataException("--password-stdin needs --username")
                : await AskAsync(session, $"Name at {where}: ", hidden: false, cancellationToken));
            var secret = fromInput ? await PasswordInput.ReadAsync(StandardStreams.Input, cancellationToken) : await AskAsync(session, "Password: ", hidden: true, cancellationToken);
            var reach = new Reach { IsInsecure = TlsVerify.IsOff(session, parse, verify, where.Registry) };
            var kept = await host.Registries.LoginAsync(where, name, secret, reach, cancellationToken);
            session.Out.Line($"{name} is logged in at {where}; {(kept.IsToken ? "a token instead of the password" : "the password")} is kept in {kept.Place}");
            return ExitCodes.Success;
        });
        return command;
    }

    public static Argument<string> RegistryArgument() => new("REGISTRY")
    {
        Description = "Host and port of the registry; with /PATH only the repositories there",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => Reference.DefaultRegistry,
    };

    public static LoginName Parse(string text) => LoginName.TryParse(text, out var name)
        ? name
        : throw new StrataException($"'{text}' is no registry", "give its host, and its port where it has one: registry.example:5000");

    private static async Task<string> AskAsync(CliSession session, string question, bool hidden, CancellationToken cancellationToken)
    {
        session.Error.Writer.Write(question);
        session.Error.Flush();
        using var quiet = hidden ? Terminal.HideInput(0) : null;
        var answer = await ReadLineAsync(cancellationToken);
        if (hidden)
        {
            session.Error.Line();
            session.Error.Flush();
        }
        return answer;
    }

    private static async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await StandardStreams.Input.ReadAsync(one, cancellationToken) == 1 && one[0] != '\n')
        {
            line.Add(line.Count < LongestLine ? one[0] : throw new StrataException($"the answer is longer than {LongestLine} bytes"));
        }
        return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
    }
}
