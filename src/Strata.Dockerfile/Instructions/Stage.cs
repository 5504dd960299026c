using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>A FROM and what follows it.</summary>
public sealed record Stage
{
    /// <summary>Counted from 0; usable as a name in <c>--from</c>.</summary>
    public required int Index { get; init; }

    /// <summary>Lower case, as names of stages are compared.</summary>
    public string? Name { get; init; }

    public required FromInstruction From { get; init; }

    public required ImmutableArray<Instruction> Instructions { get; init; }
}
