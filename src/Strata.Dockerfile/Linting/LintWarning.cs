namespace Strata.Dockerfile;

/// <summary>Something that works but should be written otherwise.</summary>
public sealed record LintWarning(LintRule Rule, string Message, SourceRange Range)
{
    /// <summary>The one-line form: <c>Rule: message (line 3)</c>.</summary>
    public override string ToString() => string.Create(null, $"{Rule.Name}: {Message} (line {Range.StartLine})");
}
