using System.Collections.Immutable;

namespace Strata.Dockerfile;

public sealed record EnvInstruction : Instruction
{
    public required ImmutableArray<KeyValue> Variables { get; init; }

    /// <summary>Written <c>ENV name value</c>: everything behind the name is one value.</summary>
    public bool IsLegacyForm { get; init; }
}

public sealed record LabelInstruction : Instruction
{
    public required ImmutableArray<KeyValue> Labels { get; init; }

    /// <summary>Written <c>LABEL name value</c>: everything behind the name is one value.</summary>
    public bool IsLegacyForm { get; init; }
}
