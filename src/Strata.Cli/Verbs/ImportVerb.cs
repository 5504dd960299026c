using System.CommandLine;
using Strata.Host;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class ImportVerb
{
    public static Command Create(CliSession session)
    {
        var tar = new Argument<string>("TAR") { Description = "A tar of a root file system, plain or compressed; - is standard input" };
        var name = new Argument<string?>("NAME") { Description = "What the image is called", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("import", "Make an image of a tar") { tar, name };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: false);
            var path = parse.GetRequiredValue(tar);
            var reference = parse.GetValue(name) is { } text ? Reference.Parse(text) : null;
            await using var stream = path == "-" ? StandardStreams.Input : Open(path, session.Environment);
            var id = await host.Import.RunAsync(stream, path == "-" ? "standard input" : path, reference, cancellationToken);
            session.Out.Line(id.ToString());
            return ExitCodes.Success;
        });
        return command;
    }

    private static FileStream Open(string path, HostEnvironment environment)
    {
        var full = Path.GetFullPath(path, environment.WorkingDirectory);
        return File.Exists(full)
            ? new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1024 * 1024)
            : throw new StrataException(Directory.Exists(full) ? $"{full} is a folder" : $"there is no file {full}", "import takes a tar file, or - for standard input");
    }
}
