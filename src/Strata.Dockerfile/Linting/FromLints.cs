namespace Strata.Dockerfile;

/// <summary>What a FROM takes its image and platform from.</summary>
internal static class FromLints
{
    public static void Check(LintContext context)
    {
        var earlier = new HashSet<string>(StringComparer.Ordinal) { "scratch" };
        foreach (Stage stage in context.Dockerfile.Stages)
        {
            CheckNames(context, stage.From);
            CheckDefault(context, stage.From, earlier);
            CheckPlatform(context, stage);
            if (stage.Name is { } name)
            {
                earlier.Add(name);
            }
        }
    }

    private static void CheckNames(LintContext context, FromInstruction from)
    {
        IEnumerable<string> names = new[] { from.BaseName, from.Platform ?? "" }
            .SelectMany(word => context.Globals.Expand(word, context.Escape).Undefined)
            .Where(name => !context.Globals.Names.Contains(name))
            .Distinct();
        foreach (string name in names)
        {
            string hint = Suggestion.For(name, context.Globals.Names) is { } match ? $" (did you mean {match}?)" : "";
            context.Report(LintRules.UndefinedArgInFrom, from, $"FROM argument '{name}' is not declared{hint}");
        }
    }

    private static void CheckDefault(LintContext context, FromInstruction from, HashSet<string> stages)
    {
        ExpansionResult name = context.Globals.Expand(from.BaseName, context.Escape);
        bool usesArgs = name.Used.Union(name.Undefined).Overlaps(context.Globals.Names);
        if (name.Error is null && usesArgs && !stages.Contains(name.Text.ToLowerInvariant()) && !ImageNameSyntax.IsValid(name.Text))
        {
            context.Report(
                LintRules.InvalidDefaultArgInFrom,
                from,
                $"Default value for ARG {from.BaseName} results in empty or invalid base image name");
        }
    }

    private static void CheckPlatform(LintContext context, Stage stage)
    {
        switch (stage.From.Platform)
        {
            case null:
                break;
            case "$TARGETPLATFORM" or "${TARGETPLATFORM}":
                context.Report(
                    LintRules.RedundantTargetPlatform,
                    stage.From,
                    $"Setting platform to predefined {stage.From.Platform} in FROM is redundant as this is the default behavior");
                break;
            case { } platform when !platform.Contains('$', StringComparison.Ordinal) && !NamesPlatform(stage.Name, platform):
                context.Report(
                    LintRules.FromPlatformFlagConstDisallowed,
                    stage.From,
                    $"FROM --platform flag should not use constant value {GoQuote.Quote(platform)}");
                break;
        }
    }

    /// <summary>A stage that has the platform in its name means it.</summary>
    private static bool NamesPlatform(string? stage, string platform) =>
        stage is not null && platform.ToLowerInvariant().Split('/').Take(2)
            .SelectMany(part => new[] { part, part switch { "x86_64" => "amd64", "aarch64" => "arm64", _ => part } })
            .Any(part => part.Length > 0 && stage.Contains(part, StringComparison.Ordinal));
}
