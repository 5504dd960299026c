using System.Collections.Immutable;

namespace Strata.Dockerfile;

public enum NetworkMode
{
    /// <summary>The builder's own network.</summary>
    Default,
    None,
    Host,
}

public enum SecurityMode
{
    Sandbox,
    Insecure,
}

public sealed record RunInstruction : Instruction
{
    public required CommandLine CommandLine { get; init; }

    public ImmutableArray<Heredoc> Heredocs { get; init; } = [];

    public ImmutableArray<MountFlag> Mounts { get; init; } = [];

    /// <summary>Null when the flag is absent and the build's own setting holds.</summary>
    public NetworkMode? Network { get; init; }

    public SecurityMode Security { get; init; }

    public ImmutableArray<string> Devices { get; init; } = [];

    /// <summary>The command with its heredocs: one alone is a script; anything else is handed to the shell as it was written.</summary>
    public RunForm Form
    {
        get
        {
            if (CommandLine is CommandLine.Exec exec)
            {
                return new RunForm.Exec(exec.Arguments);
            }

            string text = ((CommandLine.Shell)CommandLine).Text;
            if (Heredocs.IsEmpty)
            {
                return new RunForm.Shell(text);
            }

            if (HeredocFinder.FromWord(text) is not null)
            {
                Heredoc heredoc = Heredocs[0];
                return heredoc.Content.StartsWith("#!", StringComparison.Ordinal)
                    ? new RunForm.Script(heredoc.Name, heredoc.Body)
                    : new RunForm.Shell(heredoc.Body);
            }

            return new RunForm.Shell(text + string.Concat(Heredocs.Select(heredoc => $"\n{heredoc.Content}{heredoc.Name}")));
        }
    }
}
