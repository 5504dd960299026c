namespace Strata.Dockerfile;

public sealed record FromInstruction : Instruction
{
    /// <summary>An image, an earlier stage, or <c>scratch</c>; global ARGs are still to be expanded.</summary>
    public required string BaseName { get; init; }

    public string? Platform { get; init; }

    /// <summary>The stage's name as written.</summary>
    public string? Alias { get; init; }

    /// <summary>The word <c>AS</c> as written.</summary>
    public string? AsKeyword { get; init; }
}
