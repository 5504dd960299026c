using System.CommandLine;
using Strata.Cli.Rendering.Transfers;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class PullVerb
{
    public static Command Create(CliSession session)
    {
        var name = new Argument<string>("NAME") { Description = "name, name:tag or name@digest" };
        var platform = new Option<string?>("--platform") { Description = "Of an image for several platforms, this one", HelpName = "OS/ARCH" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print nothing but the image's id" };
        var command = new Command("pull", "Fetch an image from a registry") { name, platform, quiet };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse);
            var reference = Reference.Parse(parse.GetRequiredValue(name)).WithDefaultTag();
            var wanted = parse.GetValue(platform) is { } text ? Platform.Parse(text) : Platform.Local;
            var silent = parse.GetValue(quiet);
            using (var transfers = new TransferProgress(session.Error, session.Environment.Time, silent))
            {
                var image = await host.Pull.RunAsync(reference, wanted, transfers, cancellationToken);
                session.Out.Line(silent ? image.Id.ToString() : $"{session.Out.Green("pulled")} {session.Out.Bold(reference.Familiar)} {image.Id.Short}");
            }
            return ExitCodes.Success;
        });
        return command;
    }
}
