using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>One name of an ARG; the default is null when there is none, which is not the same as an empty one.</summary>
public sealed record ArgDeclaration(string Name, string? Default);

public sealed record ArgInstruction : Instruction
{
    public required ImmutableArray<ArgDeclaration> Declarations { get; init; }
}
