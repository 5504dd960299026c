using System.CommandLine;
using System.Reflection;
using Strata.Linux;

namespace Strata.Cli.Verbs;

internal static class VersionVerb
{
    private const string ComponentsResource = "components.cdx.json";

    public static Command Create(CliSession session)
    {
        var components = new Option<bool>("--components") { Description = "Print what the executable is made of, as CycloneDX" };
        var command = new Command("version", "The version of strata, and what it is made of") { components };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            if (!parse.GetValue(components))
            {
                session.Out.Line($"strata {Current}");
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

    private static string Current
    {
        get
        {
            var parts = (typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+');
            var commit = parts.Length > 1 ? $" (commit {parts[1][..Math.Min(12, parts[1].Length)]})" : "";
            var kind = NativeEntry.IsLinked ? "" : ", not the native executable";
            return $"{parts[0]}{commit} linux/{Oci.Platform.Local.Architecture}{kind}";
        }
    }
}
