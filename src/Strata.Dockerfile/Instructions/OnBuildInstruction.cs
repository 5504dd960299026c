namespace Strata.Dockerfile;

public sealed record OnBuildInstruction : Instruction
{
    /// <summary>The trigger as the image config keeps it, heredoc bodies included.</summary>
    public required string Expression { get; init; }

    /// <summary>The trigger, read; <see cref="DockerfileParser.TryParseTrigger"/> reads those of an image.</summary>
    public required Instruction Trigger { get; init; }
}
