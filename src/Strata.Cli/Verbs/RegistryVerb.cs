using System.CommandLine;
using Strata.Host.Serving;

namespace Strata.Cli.Verbs;

internal static class RegistryVerb
{
    private const string DefaultListen = "127.0.0.1:5000";

    public static Command Create(CliSession session) => new("registry", "A registry of your own") { Serve(session) };

    private static Command Serve(CliSession session)
    {
        var data = new Option<string>("--data") { Description = "The folder for blobs and database; made when it is missing", Required = true, HelpName = "DIR" };
        var listen = new Option<string[]>("--listen") { Description = "Address and port; port 0 takes a free one", DefaultValueFactory = _ => [DefaultListen], HelpName = "ADDRESS" };
        var passwords = new Option<string?>("--htpasswd") { Description = "Users and bcrypt passwords (htpasswd -B); without it everybody may do everything", HelpName = "FILE" };
        var anonymous = new Option<bool>("--anonymous-pull") { Description = "Pulling needs no password" };
        var readOnly = new Option<bool>("--read-only") { Description = "Serve pulls only" };
        var certificate = new Option<string?>("--tls-cert") { Description = "Serve HTTPS with this certificate (PEM, with its chain)", HelpName = "FILE" };
        var key = new Option<string?>("--tls-key") { Description = "The certificate's key (PEM)", HelpName = "FILE" };
        var command = new Command("serve", "Serve a registry from a folder") { data, listen, passwords, anonymous, readOnly, certificate, key };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            await using var registry = await ServeRegistry.StartAsync(
                new ServeRequest
                {
                    DataDirectory = parse.GetRequiredValue(data),
                    Listen = parse.GetRequiredValue(listen),
                    HtpasswdPath = parse.GetValue(passwords),
                    AnonymousPull = parse.GetValue(anonymous),
                    ReadOnly = parse.GetValue(readOnly),
                    CertificatePath = parse.GetValue(certificate),
                    KeyPath = parse.GetValue(key),
                },
                session.Environment,
                session.Error.Writer,
                cancellationToken);
            foreach (var address in registry.Addresses)
            {
                session.Out.Line($"Serving {registry.DataDirectory} at {address}");
            }
            session.Out.Line("Ctrl-C ends it.");
            session.Out.Flush();
            await registry.UntilStoppedAsync(cancellationToken);
            return ExitCodes.Success;
        });
        return command;
    }
}
