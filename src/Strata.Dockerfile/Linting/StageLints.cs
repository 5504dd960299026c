namespace Strata.Dockerfile;

/// <summary>Names of stages.</summary>
internal static class StageLints
{
    public static void Check(LintContext context)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Stage stage in context.Dockerfile.Stages)
        {
            if (stage.Name is not { } name)
            {
                continue;
            }

            if (stage.From.Alias != name)
            {
                context.Report(LintRules.StageNameCasing, stage.From, $"Stage name '{stage.From.Alias}' should be lowercase");
            }

            if (name is "scratch" or "context")
            {
                context.Report(
                    LintRules.ReservedStageName,
                    stage.From,
                    $"Stage name should not use the same name as reserved stage {GoQuote.Quote(name)}");
            }

            if (!seen.Add(name))
            {
                context.Report(
                    LintRules.DuplicateStageName,
                    stage.From,
                    $"Duplicate stage name {GoQuote.Quote(name)}, stage names should be unique");
            }
        }
    }
}
