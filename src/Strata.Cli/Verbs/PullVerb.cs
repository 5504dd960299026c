using System.CommandLine;
using Strata.Cli.Rendering.Transfers;
using Strata.Host.Images;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class PullVerb
{
    public static Command Create(CliSession session)
    {
        var name = new Argument<string>("NAME") { Description = "name, name:tag or name@digest" };
        var platform = new Option<string?>("--platform") { Description = "Of an image for several platforms, this one", HelpName = "OS/ARCH" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print nothing but the image's id" };
        var verify = TlsVerify.Option();
        var foreign = new Option<bool>("--foreign-layers") { Description = "Fetch layers that the registry does not have from the URLs the image gives for them" };
        var command = new Command("pull", "Fetch an image from a registry") { name, platform, quiet, verify, foreign };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var reference = host.Pull.NameOf(parse.GetRequiredValue(name)).WithDefaultTag();
            var wanted = parse.GetValue(platform) is { } text ? Platform.Parse(text) : null;
            var request = new PullRequest
            {
                Name = reference,
                Platform = wanted ?? Platform.Local,
                IsPlatformRequired = wanted is not null,
                IsInsecure = TlsVerify.IsOff(session, parse, verify, reference.Registry),
                FetchesForeignLayers = parse.GetValue(foreign),
            };
            var silent = parse.GetValue(quiet);
            using (var transfers = new TransferProgress(session.Error, session.Environment.Time, silent))
            {
                var image = await host.Pull.RunAsync(request, transfers, cancellationToken);
                session.Out.Line(silent ? image.Id.ToString() : $"{session.Out.Green("pulled")} {session.Out.Bold(reference.Familiar)} {image.Id.Short}");
            }
            return ExitCodes.Success;
        });
        return command;
    }
}
