using System.CommandLine;
using System.Reflection;
using Strata.Cli.Rendering;
using Strata.Cli.Templates;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class VersionVerb
{
    private const string ComponentsResource = "components.cdx.json";

    public static Command Create(CliSession session)
    {
        var components = new Option<bool>("--components") { Description = "Print what the executable is made of, as CycloneDX" };
        var format = ListFormat.Option("json, or a template such as '{{.Version}}'");
        var command = new Command("version", "The version of strata, and what it is made of") { components, format };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            if (!parse.GetValue(components))
            {
                Write(session.Out, parse.GetValue(format));
                return ExitCodes.Success;
            }
            await using var list = typeof(VersionVerb).Assembly.GetManifestResourceStream(ComponentsResource);
            if (list is null)
            {
                session.Error.Line("error: this build carries no list of components; scripts/publish.sh makes one that does");
                return ExitCodes.Failure;
            }
            session.Out.Flush();
            await list.CopyToAsync(session.Out.Bytes, cancellationToken);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Write(Output output, string? format)
    {
        var parts = (typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+');
        var commit = parts.Length > 1 ? parts[1] : "";
        if (format is { Length: > 0 } and not "table")
        {
            ListFormat.WriteOne(output, format, Value.Of(
                ("Version", parts[0]), ("GitCommit", commit), ("Os", "linux"), ("Arch", Platform.Local.Architecture), ("Native", NativeEntry.IsLinked)));
            return;
        }
        var kind = NativeEntry.IsLinked ? "" : ", not the native executable";
        output.Line($"strata {parts[0]}{(commit.Length > 0 ? $" (commit {commit[..Math.Min(12, commit.Length)]})" : "")} linux/{Platform.Local.Architecture}{kind}");
    }
}
