using System.CommandLine;
using Strata.Cli.Rendering;

namespace Strata.Cli;

/// <summary>A command line that can't be read: what is wrong with it, the word that was meant, and where the help is.</summary>
internal static class UsageError
{
    private const int LongestSlip = 3;

    public static void Write(Output error, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = string.Join(' ', Ancestors(command).Reverse().Select(c => c.Name));
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            var kind = word.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            error.Line($"{error.Red("error:")} '{word}' is no {kind} of {path}");
            if (Meant(word, command) is { } meant)
            {
                error.Line($"{error.Cyan("hint:")} did you mean {meant}?");
            }
        }
        else
        {
            error.Line($"{error.Red("error:")} {parsed.Errors[0].Message.TrimEnd('.')}");
        }
        error.Line($"{error.Cyan("hint:")} {path} --help tells more");
        error.Flush();
    }

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (Command? current = command; current is not null; current = current.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return current;
        }
    }

    private static string? Meant(string word, Command command)
    {
        var known = word.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(sub => sub.Name);
        return known
            .Select(name => (Name: name, Slips: Slips(word, name)))
            .Where(candidate => candidate.Slips <= Math.Min(LongestSlip, word.Length / 2))
            .OrderBy(candidate => candidate.Slips)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    // Levenshtein's distance, with two neighbours that changed places as one slip.
    private static int Slips(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                table[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
                }
            }
        }
        return table[a.Length, b.Length];
    }
}
