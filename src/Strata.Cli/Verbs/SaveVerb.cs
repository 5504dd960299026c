using System.CommandLine;
using Strata.Cli.Rendering.Transfers;
using Strata.Host;
using Strata.Host.Images;
using Strata.Host.Images.Places;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class SaveVerb
{
    public static Command Create(CliSession session)
    {
        var images = new Argument<string[]>("IMAGE") { Description = "Names or ids; a name without a tag means all its tags", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "Where to, instead of standard output", HelpName = "FILE" };
        var format = new Option<string>("--format")
        {
            Description = "docker-archive (read as an OCI archive too), oci-archive, or oci-dir for a folder",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "docker-archive",
        };
        format.CompletionSources.Add("docker-archive", "oci-archive", "oci-dir");
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show no progress" };
        var compression = new CompressionOptions();
        var command = new Command("save", "Write images into an archive") { images, output, format, quiet };
        compression.AddTo(command);
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            var kind = Format(parse.GetRequiredValue(format));
            var form = compression.Form(parse);
            var path = parse.GetValue(output) is { } file and not "-" ? Path.GetFullPath(file, session.Environment.WorkingDirectory) : null;
            if (path is not null && StandardDescriptor.Of(path) == StandardDescriptor.Output)
            {
                path = null;
            }
            if (path is null && (kind == SaveFormat.OciFolder || session.Out.IsTerminal))
            {
                throw kind == SaveFormat.OciFolder
                    ? new StrataException("a folder can't go to standard output", "say where it is to be with -o FOLDER")
                    : new StrataException("an archive is not for a terminal", "say where it is to be with -o FILE, or with > FILE");
            }
            using var host = session.OpenHost(parse, looksOnly: true);
            var chosen = parse.GetRequiredValue(images);
            var silent = parse.GetValue(quiet);
            IReadOnlyList<Descriptor> written;
            using (var transfers = new TransferProgress(session.Error, session.Environment.Time, silent))
            {
                written = path is null
                    ? await host.Save.ToStreamAsync(chosen, session.Out.Bytes, kind, form, transfers, cancellationToken)
                    : await host.Save.ToPathAsync(
                        chosen, path, kind, form, transfers, cancellationToken);
            }
            if (!silent && kind != SaveFormat.DockerArchive)
            {
                DockerManifestNote.Write(session, written);
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static SaveFormat Format(string text) => text switch
    {
        "docker-archive" => SaveFormat.DockerArchive,
        "oci-archive" => SaveFormat.OciArchive,
        "oci-dir" => SaveFormat.OciFolder,
        _ => throw new StrataException($"'{text}' is no format of saved images", "there are docker-archive, oci-archive and oci-dir"),
    };
}
