namespace Strata.Dockerfile;

public sealed record HealthCheckInstruction : Instruction
{
    /// <summary>Null for <c>HEALTHCHECK NONE</c>, which switches an inherited check off.</summary>
    public CommandLine? Test { get; init; }

    /// <summary>Zero means the default, here and below.</summary>
    public TimeSpan Interval { get; init; }

    public TimeSpan Timeout { get; init; }

    public TimeSpan StartPeriod { get; init; }

    public TimeSpan StartInterval { get; init; }

    public int Retries { get; init; }
}
