namespace Strata.Runtime;

public enum ContainerPhase
{
    /// <summary>Never started.</summary>
    Created,

    /// <summary>A monitor is there or about to be, but the program does not run yet.</summary>
    Starting,

    Running,
    Exited,

    /// <summary>The monitor, or who was about to start it, was killed or the machine went down: nothing runs any more and nobody knows how it ended.</summary>
    Dead,
}

public sealed record ContainerStatus(ContainerPhase Phase, DateTimeOffset? StartedAt, ContainerExit? Exit);

/// <summary>How a container ended.</summary>
public sealed record ContainerExit
{
    /// <summary>Its program's code; 128 + n when signal n killed it; 125, 126, 127 when it could not be started.</summary>
    public required int Code { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Why it could not be started, or could not be watched to its end.</summary>
    public string? Problem { get; init; }

    /// <summary>The log could not be written to its end, for this reason.</summary>
    public string? LogProblem { get; init; }
}

/// <summary>started.json: there from when the program runs.</summary>
internal sealed record ContainerStart(DateTimeOffset StartedAt);
