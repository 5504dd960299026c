namespace Strata.Cli.Templates;

/// <summary>A part of a template. A closed family.</summary>
internal abstract record TemplateNode
{
    private TemplateNode()
    {
    }

    public sealed record Verbatim(string Text) : TemplateNode;

    public sealed record Action(Pipeline Pipeline) : TemplateNode;

    public sealed record If(Pipeline Condition, IReadOnlyList<TemplateNode> Then, IReadOnlyList<TemplateNode> Else) : TemplateNode;

    public sealed record With(Pipeline Subject, IReadOnlyList<TemplateNode> Then, IReadOnlyList<TemplateNode> Else) : TemplateNode;

    public sealed record Range(Pipeline Subject, IReadOnlyList<TemplateNode> Each, IReadOnlyList<TemplateNode> Else) : TemplateNode;

    public sealed record Break : TemplateNode;

    public sealed record Continue : TemplateNode;
}

/// <summary>Calls one after the other, each given the result of the one before as its last argument.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Variables">What its result is kept in; two only in a range.</param>
/// <param name="Declares">The variables are new, and end with their block.</param>
/// <param name="Calls">One at least.</param>
internal sealed record Pipeline(int At, IReadOnlyList<string> Variables, bool Declares, IReadOnlyList<Call> Calls);

internal sealed record Call(IReadOnlyList<Operand> Words);

/// <summary>A word of a call. A closed family.</summary>
internal abstract record Operand(int At)
{
    public sealed record Literal(int At, Value Value) : Operand(At);

    public sealed record Dot(int At) : Operand(At);

    public sealed record Variable(int At, string Name) : Operand(At);

    public sealed record Function(int At, string Name) : Operand(At);

    public sealed record Nested(int At, Pipeline Pipeline) : Operand(At);

    /// <summary>A field of what another word gives.</summary>
    public sealed record Field(int At, Operand Of, string Name) : Operand(At);
}
