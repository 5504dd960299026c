using System.CommandLine;

namespace Strata.Cli.Verbs;

/// <summary>podman's <c>--tls-verify=false</c>, which is never without a warning.</summary>
internal static class TlsVerify
{
    public static Option<bool> Option() => new("--tls-verify")
    {
        Description = "Check the registry's certificate; =false takes any, and plain HTTP where there is no TLS",
        DefaultValueFactory = static _ => true,
        HelpName = "true|false",
    };

    public static bool IsOff(CliSession session, ParseResult parse, Option<bool> option, string registry)
    {
        if (parse.GetValue(option))
        {
            return false;
        }
        session.Error.Line($"{session.Error.Yellow("warning:")} whoever is on the way to {registry} can read what is sent, passwords too, and change what comes (--tls-verify=false)");
        session.Error.Flush();
        return true;
    }
}
