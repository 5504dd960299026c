using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Cli.Rendering.Transfers;
using Strata.Content.Media.Archives;
using Strata.Host;
using Strata.Host.Images;
using Strata.Host.Images.Places;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class CopyVerb
{
    public static Command Create(CliSession session)
    {
        var from = new Argument<string>("FROM") { Description = $"One of {ImagePlace.Forms}" };
        var to = new Argument<string>("TO") { Description = "The same" };
        var all = new Option<bool>("--all", "-a") { Description = "Of an image for several platforms, all of them" };
        var platform = new Option<string?>("--platform") { Description = "Of an image for several platforms, this one (default: this machine's)", HelpName = "OS/ARCH" };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "With what is attached to the image, such as signatures" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print nothing but the manifest's digest" };
        var verify = TlsVerify.Option();
        var compression = new CompressionOptions();
        var command = new Command("copy", "Copy an image between registries, layouts, archives and the store") { from, to, all, platform, recursive, quiet, verify };
        compression.AddTo(command);
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            // A copy out of the store makes none.
            using var host = session.OpenHost(parse, looksOnly: parse.GetRequiredValue(from).StartsWith(ImagePlace.StorePrefix, StringComparison.Ordinal));
            var request = new CopyRequest
            {
                From = ImagePlace.Parse(parse.GetRequiredValue(from), name => host.Registries.NameOf(name)),
                To = ImagePlace.Parse(parse.GetRequiredValue(to), name => host.Registries.NameOf(name)),
                IsInsecure = TlsVerify.IsOff(session, parse, verify, "the registries"),
                All = parse.GetValue(all),
                Platform = parse.GetValue(platform) is { } text ? Platform.Parse(text) : null,
                Recursive = parse.GetValue(recursive),
                Form = compression.Form(parse),
                KeepTars = compression.IsKeep(parse),
            };
            if (request is { All: true, Platform: not null })
            {
                throw new StrataException("--all and --platform exclude each other");
            }
            var toOutput = request.To is ImagePlace.Archive { Path: var file }
                && (file == "-" || StandardDescriptor.Of(Path.GetFullPath(file, session.Environment.WorkingDirectory)) == StandardDescriptor.Output);
            if (toOutput && session.Out.IsTerminal)
            {
                throw new StrataException("an archive is not for a terminal", "name a file, or redirect the output with > FILE");
            }
            var silent = parse.GetValue(quiet);
            Descriptor copied;
            using (var transfers = new TransferProgress(session.Error, session.Environment.Time, silent))
            {
                copied = await host.Copy.RunAsync(request, transfers, cancellationToken);
            }
            if (!silent && request.To is (ImagePlace.Layout or ImagePlace.Archive { Format: ArchiveFormat.Oci }))
            {
                DockerManifestNote.Write(session, copied);
            }
            // Where the archive itself is the output, the digest is said beside it.
            var said = toOutput ? session.Error : session.Out;
            said.Line(silent ? copied.Digest.ToString() : $"{said.Green("copied")} {said.Bold(request.From.Text)} to {said.Bold(request.To.Text)} {copied.Digest} {Amounts.Size(copied.Size)}");
            return ExitCodes.Success;
        });
        return command;
    }
}
