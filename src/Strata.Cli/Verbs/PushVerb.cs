using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Cli.Rendering.Transfers;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class PushVerb
{
    public static Command Create(CliSession session)
    {
        var name = new Argument<string>("NAME") { Description = "A name of the store; its first part says which registry" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print nothing but the manifest's digest" };
        var verify = TlsVerify.Option();
        var command = new Command("push", "Send an image to a registry") { name, quiet, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var reference = Reference.Parse(parse.GetRequiredValue(name)).WithDefaultTag();
            var silent = parse.GetValue(quiet);
            var isInsecure = TlsVerify.IsOff(session, parse, verify, reference.Registry);
            Descriptor pushed;
            using (var transfers = new TransferProgress(session.Error, session.Environment.Time, silent))
            {
                pushed = await host.Push.RunAsync(reference, isInsecure, transfers, cancellationToken);
            }
            if (!silent && host.Push.AbsentPlatforms(reference) is { Count: > 0 } absent)
            {
                session.Error.Line($"note: one platform's image was pushed alone, as those for {string.Join(", ", absent)} are not in the store; "
                    + "`strata copy --all` from the registry they are in takes all");
            }
            if (!silent && host.Push.AttachedTo(pushed.Digest) is > 0 and var attached)
            {
                session.Error.Line($"note: {(attached == 1 ? "1 thing that is attached to it was" : $"{attached} things that are attached to it were")} not pushed; "
                    + $"`strata copy --recursive store:{reference.Familiar} docker://{reference.Familiar}` takes {(attached == 1 ? "it" : "them")} along");
            }
            session.Out.Line(silent
                ? pushed.Digest.ToString()
                : $"{session.Out.Green("pushed")} {session.Out.Bold(reference.Familiar)} {pushed.Digest} {Amounts.Size(pushed.Size)}");
            return ExitCodes.Success;
        });
        return command;
    }
}
