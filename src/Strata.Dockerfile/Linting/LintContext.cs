using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>What the rules see, and where they report to.</summary>
internal sealed class LintContext
{
    private readonly List<LintWarning> _warnings = [];
    private readonly CheckOptions _check;

    public LintContext(DockerfileSyntax dockerfile, LintOptions options)
    {
        Dockerfile = dockerfile;
        Options = options;
        _check = options.Check ?? Parse(dockerfile.Directives.Check?.Value);
        Globals = GlobalScope.Of(dockerfile);
    }

    public DockerfileSyntax Dockerfile { get; }

    public LintOptions Options { get; }

    public GlobalScope Globals { get; }

    public char Escape => Dockerfile.Directives.EscapeCharacter;

    /// <summary>Every instruction of the file in its order.</summary>
    public IEnumerable<Instruction> Instructions =>
        Dockerfile.GlobalArgs.Concat<Instruction>(Dockerfile.Stages.SelectMany(stage => stage.Instructions.Prepend(stage.From)));

    public void Report(LintRule rule, Instruction instruction, string message)
    {
        CheckOptions check = instruction.Source.Comments
            .Where(IsCheck)
            .Aggregate(_check, (options, comment) => options.With(Parse(comment["check=".Length..])));
        Report(rule, instruction.Range, message, check);
    }

    public void Report(LintRule rule, SourceRange range, string message) => Report(rule, range, message, _check);

    public static bool IsCheck(string comment) => comment.StartsWith("check=", StringComparison.Ordinal);

    public LintReport ToReport()
    {
        ImmutableArray<LintWarning> warnings = [.. _warnings.OrderBy(warning => warning.Range.StartLine)];
        if (!_check.Error || warnings.IsEmpty)
        {
            return new LintReport(warnings, null);
        }

        string rules = string.Join(", ", warnings.Select(warning => warning.Rule.Name).Distinct());
        return new LintReport(warnings, new DockerfileError(warnings[0].Range, $"lint violation found for rules: {rules}", null));
    }

    private static CheckOptions Parse(string? text) =>
        text is not null && CheckOptions.TryParse(text, out CheckOptions? options, out _) ? options : CheckOptions.Default;

    private void Report(LintRule rule, SourceRange range, string message, CheckOptions check)
    {
        bool on = rule.IsExperimental
            ? (check.ExperimentalAll || check.Experimental.Contains(rule.Name)) && !check.Skip.Contains(rule.Name)
            : !check.SkipAll && !check.Skip.Contains(rule.Name);
        if (on)
        {
            _warnings.Add(new LintWarning(rule, message, range));
        }
    }
}
