using System.CommandLine;
using Strata.Build;
using Strata.Cli.Rendering.Builds;
using Strata.Host;
using Strata.Host.Images;
using Strata.Host.Building;
using Strata.Host.Certificates;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class BuildVerb
{
    public const string Name = "build";

    public static Command Create(CliSession session)
    {
        var context = new Argument<string>("CONTEXT")
        {
            Description = "The folder that COPY reads from; - takes a Dockerfile from standard input and no folder",
        };
        var file = new Option<string?>("--file", "-f")
        {
            Description = "The Dockerfile (default: CONTEXT/Dockerfile; - is standard input)",
            HelpName = "PATH",
        };
        var tags = new Option<string[]>("--tag", "-t")
        {
            Description = "What the image is called: name or name:tag; may be given several times",
            HelpName = "NAME",
        };
        var target = new Option<string?>("--target") { Description = "Build up to this stage", HelpName = "STAGE" };
        var buildArgs = new Option<string[]>("--build-arg")
        {
            Description = "The value of an ARG; without =VALUE it is taken from the environment",
            HelpName = "NAME=VALUE",
        };
        var labels = new Option<string[]>("--label") { Description = "A label of the image", HelpName = "KEY=VALUE" };
        var contexts = new Option<string[]>("--build-context")
        {
            Description = "What to take for a base or --from of that name: a folder, or docker-image://REFERENCE",
            HelpName = "NAME=SOURCE",
        };
        var hosts = new Option<string[]>("--add-host") { Description = "A line for the hosts file of RUN steps", HelpName = "NAME:ADDRESS" };
        var platform = new Option<string?>("--platform") { Description = "Only this machine's can be built", HelpName = "OS/ARCH" };
        var network = new Option<string>("--network")
        {
            Description = "The network of RUN steps: host or none",
            DefaultValueFactory = _ => "host",
            HelpName = "MODE",
        };
        network.AcceptOnlyFromAmong("host", "default", "none");
        var noCache = new Option<bool>("--no-cache") { Description = "Do every step again" };
        var pull = new Option<bool>("--pull") { Description = "Ask the registries for the bases, also for those that are here" };
        var reproducible = new Option<bool>("--reproducible")
        {
            Description = "No time in the image is later than its base's, so that files' times do not matter",
        };
        var certificates = new Option<string>("--ca-certs")
        {
            Description = "Certificate authorities that RUN steps trust besides the image's: auto (this machine's, where it has own ones), "
                + "none, or a PEM file",
            DefaultValueFactory = _ => "auto",
            HelpName = "WHICH",
        };
        var progress = new Option<string>("--progress")
        {
            Description = "How progress is shown: auto, plain, tty or json",
            DefaultValueFactory = _ => "auto",
            HelpName = "KIND",
        };
        progress.AcceptOnlyFromAmong("auto", "plain", "tty", "json");
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print nothing but the image's id" };
        var idFile = new Option<string?>("--iidfile") { Description = "Write the image's id into this file", HelpName = "FILE" };
        var command = new Command(Name, "Build an image from a Dockerfile")
        {
            context, file, tags, target, buildArgs, labels, contexts, hosts, platform, network, noCache, pull, reproducible,
            certificates, progress, quiet, idFile,
        };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            var request = new BuildCommand
            {
                Context = parse.GetRequiredValue(context),
                DockerfilePath = parse.GetValue(file),
                Tags = [.. (parse.GetValue(tags) ?? []).Select(Reference.Parse)],
                Target = parse.GetValue(target),
                BuildArgs = parse.GetValue(buildArgs) ?? [],
                Labels = parse.GetValue(labels) ?? [],
                NamedContexts = parse.GetValue(contexts) ?? [],
                ExtraHosts = parse.GetValue(hosts) ?? [],
                Platform = parse.GetValue(platform) is { } text ? Platform.Parse(text) : Platform.Local,
                Network = parse.GetValue(network) == "none" ? StepNetworkChoice.None : StepNetworkChoice.Host,
                NoCache = parse.GetValue(noCache),
                Pull = parse.GetValue(pull) ? PullPolicy.Always : PullPolicy.Missing,
                Reproducible = parse.GetValue(reproducible),
                Certificates = CertificateTrust.Parse(parse.GetValue(certificates)!),
            };
            var idPath = parse.GetValue(idFile) is { } given ? IdFile(Path.GetFullPath(given, session.Environment.WorkingDirectory)) : null;
            using var host = session.OpenHost(parse, looksOnly: false);
            var built = await BuildAsync(session, host, request, parse.GetValue(quiet) ? "quiet" : parse.GetValue(progress)!, cancellationToken);
            if (idPath is not null)
            {
                Durable.WriteFile(idPath, System.Text.Encoding.ASCII.GetBytes(built.ImageId.ToString()));
            }
            Report(session, request, built, parse.GetValue(quiet));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Makes sure, before anything is built, that the id can be written; one of an earlier build is gone then.</summary>
    private static string IdFile(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)) || Directory.Exists(path))
        {
            throw new StrataException(
                Directory.Exists(path) ? $"--iidfile {path} is a folder" : $"--iidfile {path}: there is no folder {Path.GetDirectoryName(path)}",
                "name a file in a folder that is there");
        }
        File.Delete(path);
        return path;
    }

    private static async Task<BuiltImage> BuildAsync(
        CliSession session, StrataHost host, BuildCommand request, string kind, CancellationToken cancellationToken)
    {
        using var shown = Progress(session, kind);
        try
        {
            var built = await host.Build.RunAsync(request, StandardStreams.Input, shown, cancellationToken);
            shown.Finish(succeeded: true);
            return built;
        }
        catch
        {
            shown.Finish(succeeded: false);
            throw;
        }
    }

    private static IBuildProgress Progress(CliSession session, string kind) => kind switch
    {
        "quiet" => new SilentBuildProgress(),
        "json" => new JsonBuildProgress(session.Error, session.Environment.Time),
        "tty" => new TerminalBuildProgress(session.Error, session.Environment.Time),
        "auto" when session.Error.CanRedraw => new TerminalBuildProgress(session.Error, session.Environment.Time),
        _ => new PlainBuildProgress(session.Error, session.Environment.Time),
    };

    private static void Report(CliSession session, BuildCommand request, BuiltImage built, bool quiet)
    {
        if (quiet || request.Tags.Count == 0)
        {
            session.Out.Line(built.ImageId.ToString());
            return;
        }
        foreach (var tag in request.Tags)
        {
            session.Out.Line($"{session.Out.Green("built")} {session.Out.Bold(tag.WithDefaultTag().Familiar)} {built.ImageId.Short}");
        }
    }
}
