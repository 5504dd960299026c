namespace Strata.Host;

/// <summary>The process's surroundings, handed in once so that nothing below asks for them again.</summary>
public sealed record HostEnvironment
{
    public required Func<string, string?> Variable { get; init; }
    public required string WorkingDirectory { get; init; }
    public required bool IsRoot { get; init; }
    public required TimeProvider Time { get; init; }

    /// <summary>The running executable, to be started again as a container's monitor or a step's init.</summary>
    public required string Executable { get; init; }
}
