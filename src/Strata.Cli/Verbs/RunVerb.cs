using System.CommandLine;
using Strata.Cli.Rendering.Transfers;
using Strata.Host;
using Strata.Host.Images;
using Strata.Host.Running;
using Strata.Linux;
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
        var labels = new Option<string[]>("--label", "-l") { Description = "A label of the container, for ps --filter", HelpName = "KEY[=VALUE]" };
        var variables = new Option<string[]>("--env", "-e") { Description = "A variable; without =VALUE it is this shell's", HelpName = "NAME[=VALUE]" };
        var files = new Option<string[]>("--env-file") { Description = "A file with a variable in each line", HelpName = "FILE" };
        var volumes = new Option<string[]>("--volume", "-v") { Description = "Show a folder or file of this machine inside", HelpName = "HOST:CONTAINER[:ro]" };
        var memory = new Option<string[]>("--tmpfs") { Description = "An empty folder in memory", HelpName = "DIR[:size=64m]" };
        var directory = new Option<string?>("--workdir", "-w") { Description = "The working directory", HelpName = "DIR" };
        var user = new Option<string?>("--user", "-u") { Description = "Whom to run as: name or number, and group", HelpName = "USER[:GROUP]" };
        var entrypoint = new Option<string?>("--entrypoint") { Description = "Instead of the image's ENTRYPOINT; '' for none", HelpName = "PROGRAM" };
        var network = new Option<string>("--network", "--net") { Description = "host (this machine's network) or none", DefaultValueFactory = _ => RunRefusals.HostNetwork, HelpName = "MODE" };
        var hostname = new Option<string?>("--hostname", "-h") { Description = "The host name inside", HelpName = "NAME" };
        var hosts = new Option<string[]>("--add-host") { Description = "A line for the hosts file", HelpName = "NAME:ADDRESS" };
        var readOnly = new Option<bool>("--read-only") { Description = "The root file system can't be written" };
        var added = new Option<string[]>("--cap-add") { Description = "Give it a capability more, or ALL", HelpName = "CAPABILITY" };
        var dropped = new Option<string[]>("--cap-drop") { Description = "Take a capability away, or ALL", HelpName = "CAPABILITY" };
        var stopSignal = new Option<string?>("--stop-signal") { Description = "What asks it to stop", HelpName = "SIGNAL" };
        var pull = new Option<string>("--pull") { Description = "When to ask the registry for the image: missing, always or never", DefaultValueFactory = _ => "missing", HelpName = "WHEN" };
        pull.AcceptOnlyFromAmong("missing", "always", "never");
        var platform = new Option<string?>("--platform") { Description = "Only this machine's can be run", HelpName = "OS/ARCH" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show no progress of a pull" };
        var command = new Command(Name, "Run a container of an image")
        {
            detach, remove, interactive, terminal, name, labels, variables, files, volumes, memory, directory, user, entrypoint, network, hostname, hosts,
            readOnly, added, dropped, stopSignal, pull, platform, quiet, image, arguments,
        };
        var refusals = new RunRefusals(command, network, platform);
        session.SetAction(
            command,
            async (parse, cancellationToken) =>
            {
                refusals.Check(parse);
                var request = new RunRequest
                {
                    Image = parse.GetRequiredValue(image),
                    Arguments = parse.GetValue(arguments) ?? [],
                    Pull = Enum.Parse<PullPolicy>(parse.GetRequiredValue(pull), ignoreCase: true),
                    Name = parse.GetValue(name),
                    Labels = parse.GetValue(labels) ?? [],
                    Environment = parse.GetValue(variables) ?? [],
                    EnvironmentFiles = parse.GetValue(files) ?? [],
                    Volumes = parse.GetValue(volumes) ?? [],
                    MemoryFolders = parse.GetValue(memory) ?? [],
                    WorkingDirectory = parse.GetValue(directory),
                    User = parse.GetValue(user),
                    Entrypoint = parse.GetValue(entrypoint),
                    Network = parse.GetValue(network) == RunRefusals.NoNetwork ? NetworkMode.None : NetworkMode.Host,
                    Hostname = parse.GetValue(hostname),
                    ExtraHosts = parse.GetValue(hosts) ?? [],
                    AddedCapabilities = parse.GetValue(added) ?? [],
                    DroppedCapabilities = parse.GetValue(dropped) ?? [],
                    StopSignal = parse.GetValue(stopSignal),
                    Interactive = parse.GetValue(interactive),
                    Terminal = parse.GetValue(terminal),
                    ReadOnlyRoot = parse.GetValue(readOnly),
                    RemoveWhenEnded = parse.GetValue(remove),
                    Warn = warning => session.Error.Line($"{session.Error.Yellow("warning:")} {warning}"),
                };
                if (request is { Terminal: true, Interactive: true } && !parse.GetValue(detach) && !Terminal.IsTerminal(0))
                {
                    throw new StrataException("-t needs a terminal to read from, and standard input is none", "leave -t out: strata run -i …");
                }
                using var host = session.OpenHost(parse, looksOnly: false);
                using var transfers = new TransferProgress(session.Error, session.Environment.Time, parse.GetValue(quiet));
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
