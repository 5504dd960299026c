namespace Strata.Dockerfile;

/// <summary>Variables that nothing defines.</summary>
internal static class VariableLints
{
    public static void Check(LintContext context)
    {
        var ends = new Dictionary<int, HashSet<string>?>();
        foreach (Stage stage in context.Dockerfile.Stages)
        {
            HashSet<string>? known = StartOf(context, stage, ends);
            if (known is not null)
            {
                Follow(context, stage, known);
            }

            ends[stage.Index] = known;
        }
    }

    /// <summary>The names a stage begins with, or null when its image is not known.</summary>
    private static HashSet<string>? StartOf(LintContext context, Stage stage, Dictionary<int, HashSet<string>?> ends)
    {
        if (StageBase.Find(context, stage) is { } parent)
        {
            return ends[parent.Index] is { } inherited ? new HashSet<string>(inherited, StringComparer.Ordinal) : null;
        }

        string image = context.Globals.Expand(stage.From.BaseName, context.Escape).Text;
        IReadOnlyCollection<string>? names = image == "scratch" ? [] : context.Options.BaseEnvironment(image);
        return names is null ? null : new HashSet<string>(names, StringComparer.Ordinal) { "PATH" };
    }

    private static void Follow(LintContext context, Stage stage, HashSet<string> known)
    {
        bool reports = context.Options.Stages?.Contains(stage.Index) is not false;
        foreach (Instruction instruction in stage.Instructions)
        {
            if (reports)
            {
                Report(context, instruction, known);
            }

            switch (instruction)
            {
                case ArgInstruction arg:
                    known.UnionWith(arg.Declarations.Select(declaration => declaration.Name));
                    break;
                case EnvInstruction env:
                    known.UnionWith(env.Variables.Select(variable => variable.Key));
                    break;
            }
        }
    }

    private static void Report(LintContext context, Instruction instruction, HashSet<string> known)
    {
        var undefined = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string word in ExpandedWords.Of(instruction))
        {
            undefined.UnionWith(Expansion.Expand(word, Lookup, context.Escape).Undefined);
        }

        if (instruction is FileInstruction files)
        {
            foreach (Heredoc heredoc in files.Heredocs.Where(heredoc => heredoc.Expand))
            {
                undefined.UnionWith(Expansion.ExpandHeredoc(heredoc.Body, Lookup).Undefined);
            }
        }

        foreach (string name in undefined)
        {
            string hint = Suggestion.For(name, context.Globals.Names.Concat(known)) is { } match ? $" (did you mean ${match}?)" : "";
            context.Report(LintRules.UndefinedVar, instruction, $"Usage of undefined variable '${name}'{hint}");
        }

        string? Lookup(string name) => known.Contains(name) ? "" : null;
    }
}
