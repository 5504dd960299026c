using System.CommandLine;
using Strata.Cli.Rendering.Transfers;
using Strata.Host;
using Strata.Host.Images;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class LoadVerb
{
    public static Command Create(CliSession session)
    {
        var input = new Option<string?>("--input", "-i") { Description = "The archive, instead of standard input; compressed ones are taken too", HelpName = "FILE" };
        var platform = new Option<string?>("--platform") { Description = "Of an image for several platforms, this one", HelpName = "OS/ARCH" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show no progress" };
        var command = new Command("load", "Take the images of an archive that save, docker, podman or skopeo wrote") { input, platform, quiet };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            var path = parse.GetValue(input);
            if (path is null or "-" && Terminal.IsTerminal(0))
            {
                throw new StrataException("nothing is to be loaded from a terminal", "give the archive with -i FILE, or with < FILE");
            }
            using var host = session.OpenHost(parse, looksOnly: false);
            var wanted = parse.GetValue(platform) is { } text ? Platform.Parse(text) : null;
            var loaded = new List<LoadedImage>();
            try
            {
                using var transfers = new TransferProgress(session.Error, session.Environment.Time, parse.GetValue(quiet));
                await (path is null or "-"
                    ? host.Load.FromStreamAsync(StandardStreams.Input, "standard input", wanted, loaded.Add, transfers, cancellationToken)
                    : host.Load.FromFileAsync(Path.GetFullPath(path, session.Environment.WorkingDirectory), wanted, loaded.Add, transfers, cancellationToken));
            }
            finally
            {
                // Also what came before one that failed: it stays.
                Tell(session, loaded);
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Tell(CliSession session, IReadOnlyList<LoadedImage> loaded)
    {
        foreach (var image in loaded)
        {
            foreach (var name in image.Names)
            {
                session.Out.Line($"Loaded image: {name.Familiar}");
            }
            if (image.Names.Count == 0)
            {
                session.Out.Line($"Loaded image ID: {image.Id}");
            }
        }
        if (loaded.FirstOrDefault(image => image.Names.Count == 0) is { } nameless)
        {
            session.Error.Line($"note: the archive has no whole name for it; name it with `strata tag {nameless.Id.Short} NAME`");
        }
    }
}
