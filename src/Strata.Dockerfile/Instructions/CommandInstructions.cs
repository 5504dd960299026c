using System.Collections.Immutable;

namespace Strata.Dockerfile;

public sealed record CmdInstruction : Instruction
{
    public required CommandLine CommandLine { get; init; }
}

public sealed record EntrypointInstruction : Instruction
{
    public required CommandLine CommandLine { get; init; }
}

/// <summary>What shell-form commands are appended to.</summary>
public sealed record ShellInstruction : Instruction
{
    public required ImmutableArray<string> Shell { get; init; }
}
