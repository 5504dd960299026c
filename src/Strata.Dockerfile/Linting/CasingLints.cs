namespace Strata.Dockerfile;

/// <summary>Upper and lower case of keywords.</summary>
internal static class CasingLints
{
    public static void Check(LintContext context)
    {
        Instruction[] instructions = [.. context.Instructions];
        int lower = instructions.Count(instruction => IsLower(instruction.Source.Keyword));
        int upper = instructions.Count(instruction => IsUpper(instruction.Source.Keyword));
        bool lowerWins = lower > upper;
        foreach (Instruction instruction in instructions)
        {
            string keyword = instruction.Source.Keyword;
            if (!(lowerWins ? IsLower(keyword) : IsUpper(keyword)))
            {
                context.Report(
                    LintRules.ConsistentInstructionCasing,
                    instruction,
                    $"Command '{keyword}' should match the case of the command majority ({(lowerWins ? "lowercase" : "uppercase")})");
            }

            if (instruction is FromInstruction { AsKeyword: { } word })
            {
                CheckAs(context, instruction, word);
            }
        }
    }

    private static void CheckAs(LintContext context, Instruction from, string word)
    {
        string keyword = from.Source.Keyword;
        bool matches = IsLower(keyword) ? IsLower(word) : !IsUpper(keyword) || IsUpper(word);
        if (!matches)
        {
            context.Report(LintRules.FromAsCasing, from, $"'{word}' and '{keyword}' keywords' casing do not match");
        }
    }

    private static bool IsLower(string word) => word.All(char.IsAsciiLetterLower);

    private static bool IsUpper(string word) => word.All(char.IsAsciiLetterUpper);
}
