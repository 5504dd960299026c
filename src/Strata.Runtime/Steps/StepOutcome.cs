namespace Strata.Runtime.Steps;

/// <summary>What the process inside tells the one outside: an exit code, or why nothing was run.</summary>
internal sealed record StepOutcome
{
    public required int ExitCode { get; init; }
    public string? Problem { get; init; }
}
