using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>Ports as words; a word may become several when it is expanded. <see cref="ExposedPorts"/> reads the result.</summary>
public sealed record ExposeInstruction : Instruction
{
    public required ImmutableArray<string> Ports { get; init; }
}

public sealed record UserInstruction : Instruction
{
    public required string User { get; init; }
}

public sealed record WorkdirInstruction : Instruction
{
    public required string Path { get; init; }
}

public sealed record VolumeInstruction : Instruction
{
    public required ImmutableArray<string> Paths { get; init; }
}

public sealed record StopSignalInstruction : Instruction
{
    public required string Signal { get; init; }
}

public sealed record MaintainerInstruction : Instruction
{
    public required string Maintainer { get; init; }
}
