using System.CommandLine;
using Strata.Cli.Completion;

namespace Strata.Cli.Verbs;

internal static class CompletionVerb
{
    public static Command Create(CliSession session)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print the script that lets a shell complete strata's words: source <(strata completion bash)") { shell };
        session.SetAction(command, (parse, _) =>
        {
            session.Out.Line(parse.GetRequiredValue(shell) switch
            {
                "bash" => CompletionScripts.Bash,
                "zsh" => CompletionScripts.Zsh,
                _ => CompletionScripts.Fish,
            });
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
