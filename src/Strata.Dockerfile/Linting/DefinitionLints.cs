namespace Strata.Dockerfile;

/// <summary>Comments above ARG and FROM that do not document what stands below.</summary>
internal static class DefinitionLints
{
    public static void Check(LintContext context)
    {
        foreach (Instruction instruction in context.Instructions)
        {
            string[] names = instruction switch
            {
                ArgInstruction arg => [.. arg.Declarations.Select(declaration => declaration.Name)],
                FromInstruction { Alias: { } alias } => [alias.ToLowerInvariant()],
                _ => [],
            };
            bool commented = instruction.Source.Comments.Any(comment => !LintContext.IsCheck(comment));
            if (names.Length == 0 || !commented || names.Any(name => instruction.DescriptionOf(name) is not null))
            {
                continue;
            }

            string keyword = instruction is ArgInstruction ? "ARG" : "FROM";
            string name = names.Length == 1 ? names[0] : "<arg_key>";
            context.Report(
                LintRules.InvalidDefinitionDescription,
                instruction,
                $"Comment for {keyword} should follow the format: `# {name} <description>`");
        }
    }
}
