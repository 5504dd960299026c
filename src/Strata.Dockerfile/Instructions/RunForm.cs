using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>What a RUN does once its heredocs are put in their place.</summary>
public abstract record RunForm
{
    private RunForm()
    {
    }

    public sealed record Exec(ImmutableArray<string> Arguments) : RunForm;

    public sealed record Shell(string Text) : RunForm;

    /// <summary>
    /// A heredoc that begins with <c>#!</c>: a file of mode 0755 at <c>/dev/pipes/Name</c>, mounted read-only; its path is what the
    /// shell gets as text.
    /// </summary>
    public sealed record Script(string Name, string Content) : RunForm;
}
