namespace Strata.Dockerfile;

/// <summary>Checks a Dockerfile against the rules that need no image.</summary>
public static class Linter
{
    /// <summary>Also takes what could be read of a file with errors.</summary>
    public static LintReport Run(DockerfileSyntax dockerfile, LintOptions options)
    {
        var context = new LintContext(dockerfile, options);
        foreach (DockerfileWarning warning in dockerfile.Warnings)
        {
            if (warning.Kind == DockerfileWarningKind.EmptyContinuation)
            {
                context.Report(LintRules.NoEmptyContinuation, warning.Range, warning.Message);
            }
        }

        CasingLints.Check(context);
        StageLints.Check(context);
        FromLints.Check(context);
        DefinitionLints.Check(context);
        InstructionLints.Check(context);
        VariableLints.Check(context);
        return context.ToReport();
    }
}
