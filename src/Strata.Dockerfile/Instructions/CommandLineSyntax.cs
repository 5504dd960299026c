namespace Strata.Dockerfile;

internal static class CommandLineSyntax
{
    /// <summary>The command in arguments of the "JSON or text" shape; no arguments are an empty text.</summary>
    public static CommandLine ToCommandLine(this ArgumentSyntax arguments) => arguments switch
    {
        ArgumentSyntax.Words words => new CommandLine.Exec(words.Values),
        ArgumentSyntax.Text text => new CommandLine.Shell(text.Value),
        _ => new CommandLine.Shell(""),
    };
}
