namespace Strata.Cli.Completion;

/// <summary>What may be typed next.</summary>
/// <param name="Candidates">Only those that begin like what is there already.</param>
/// <param name="AreFiles">It is the name of a file, which the shell knows better.</param>
internal sealed record Completion(IReadOnlyList<Candidate> Candidates, bool AreFiles)
{
    /// <summary>A line of its own, where a shell's script reads candidates; none begins with a colon.</summary>
    public const string FilesMark = ":files";
}
