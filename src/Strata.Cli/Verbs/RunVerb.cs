using System.CommandLine;
using Strata.Cli.Rendering.Transfers;
using Strata.Host.Running;
using Strata.Runtime;

namespace Strata.Cli.Verbs;

internal static class RunVerb
{
    public const string Name = "run";

    public static Command Create(CliSession session)
    {
        var image = new Argument<string>("IMAGE") { Description = "A name or id; a name that is not in the store is pulled" };
        var arguments = new Argument<string[]>("COMMAND") { Description = "What to run instead of the image's CMD", Arity = ArgumentArity.ZeroOrMore };
        var detach = new Option<bool>("--detach", "-d") { Description = "Let it go on in the background, and print its id" };
        var remove = new Option<bool>("--rm") { Description = "Remove the container when it has ended" };
        var interactive = new Option<bool>("--interactive", "-i") { Description = "Standard input goes inside" };
        var terminal = new Option<bool>("--tty", "-t") { Description = "Give it a terminal" };
        var name = new Option<string?>("--name") { Description = "What the container is called", HelpName = "NAME" };
        var variables = new Option<string[]>("--env", "-e") { Description = "A variable; without =VALUE it is this shell's", HelpName = "NAME=VALUE" };
        var volumes = new Option<string[]>("--volume", "-v") { Description = "Show a folder or file of this machine inside", HelpName = "HOST:CONTAINER[:ro]" };
        var directory = new Option<string?>("--workdir", "-w") { Description = "The working directory", HelpName = "DIR" };
        var user = new Option<string?>("--user", "-u") { Description = "Whom to run as: name or number, and group", HelpName = "USER[:GROUP]" };
        var entrypoint = new Option<string?>("--entrypoint") { Description = "Instead of the image's ENTRYPOINT; '' for none", HelpName = "PROGRAM" };
        var network = new Option<string>("--network") { Description = "host or none", DefaultValueFactory = _ => "host", HelpName = "MODE" };
        network.AcceptOnlyFromAmong("host", "none");
        var hostname = new Option<string?>("--hostname", "-h") { Description = "The host name inside", HelpName = "NAME" };
        var hosts = new Option<string[]>("--add-host") { Description = "A line for the hosts file", HelpName = "NAME:ADDRESS" };
        var readOnly = new Option<bool>("--read-only") { Description = "The root file system can't be written" };
        var command = new Command(Name, "Run a container of an image")
        {
            detach, remove, interactive, terminal, name, variables, volumes, directory, user, entrypoint, network, hostname, hosts, readOnly, image, arguments,
        };
        session.SetAction(
            command,
            async (parse, cancellationToken) =>
            {
                var request = new RunRequest
                {
                    Image = parse.GetRequiredValue(image),
                    Arguments = parse.GetValue(arguments) ?? [],
                    Name = parse.GetValue(name),
                    Environment = parse.GetValue(variables) ?? [],
                    Volumes = parse.GetValue(volumes) ?? [],
                    WorkingDirectory = parse.GetValue(directory),
                    User = parse.GetValue(user),
                    Entrypoint = parse.GetValue(entrypoint),
                    Network = parse.GetValue(network) == "none" ? NetworkMode.None : NetworkMode.Host,
                    Hostname = parse.GetValue(hostname),
                    ExtraHosts = parse.GetValue(hosts) ?? [],
                    Interactive = parse.GetValue(interactive),
                    Terminal = parse.GetValue(terminal),
                    ReadOnlyRoot = parse.GetValue(readOnly),
                    RemoveWhenEnded = parse.GetValue(remove),
                };
                using var host = session.OpenHost(parse);
                using var transfers = new TransferProgress(session.Error, session.Environment.Time, quiet: false);
                if (parse.GetValue(detach))
                {
                    session.Out.Line(await host.Run.StartAsync(request, transfers, cancellationToken));
                    return ExitCodes.Success;
                }
                return await host.Run.RunAsync(request, ContainerStreams.Standard, transfers, cancellationToken);
            },
            ExitCodes.RunFailed);
        return command;
    }
}
