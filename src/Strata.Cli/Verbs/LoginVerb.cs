using System.CommandLine;
using System.Text;
using Strata.Host;
using Strata.Linux;
using Strata.Oci;
using Strata.Remote;

namespace Strata.Cli.Verbs;

internal static class LoginVerb
{
    private const int LongestLine = 4096;

    public static Command Create(CliSession session)
    {
        var registry = new Argument<string>("REGISTRY") { Description = "Host and port of the registry", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => Reference.DefaultRegistry };
        var user = new Option<string?>("--username", "-u") { Description = "Asked for when not given", HelpName = "NAME" };
        var password = new Option<bool>("--password-stdin") { Description = "Take the password from standard input" };
        var verify = TlsVerify.Option();
        var command = new Command("login", "Check a name and password with a registry, and keep them") { registry, user, password, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var where = parse.GetRequiredValue(registry);
            var fromInput = parse.GetValue(password);
            if (!fromInput && !Terminal.IsTerminal(0))
            {
                throw new StrataException("there is no terminal to ask for the password on", "pipe it in: strata login -u NAME --password-stdin REGISTRY < FILE");
            }
            var name = parse.GetValue(user) ?? (fromInput
                ? throw new StrataException("--password-stdin needs --username")
                : await AskAsync(session, $"Name at {where}: ", hidden: false, cancellationToken));
            var secret = fromInput ? await ReadLineAsync(cancellationToken) : await AskAsync(session, "Password: ", hidden: true, cancellationToken);
            var reach = new Reach { IsInsecure = TlsVerify.IsOff(session, parse, verify, where) };
            var file = await host.Registries.LoginAsync(where, name, secret, reach, cancellationToken);
            session.Out.Line($"{name} is logged in at {where}; the password is kept in {file}");
            return ExitCodes.Success;
        });
        return command;
    }

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
        while (line.Count < LongestLine && await StandardStreams.Input.ReadAsync(one, cancellationToken) == 1 && one[0] != '\n')
        {
            line.Add(one[0]);
        }
        return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
    }
}
