using System.CommandLine;

namespace Strata.Cli.Verbs;

internal static class SystemVerb
{
    public static Command Create(CliSession session) => new("system", "The store itself: how much it holds, and whether it is whole")
    {
        DiskUsageVerb.Create(session),
        VerifyVerb.Create(session),
    };
}
