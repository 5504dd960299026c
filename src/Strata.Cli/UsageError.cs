using System.CommandLine;
using System.CommandLine.Parsing;
using Strata.Cli.Rendering;
using Strata.Cli.Verbs;

namespace Strata.Cli;

/// <summary>A command line that can't be read: what is wrong with it, the word that was meant, and where the help is.</summary>
internal sealed class UsageError
{
    private const int LongestSlip = 3;
    private readonly Command _command;
    private readonly string? _word;
    private readonly string _message;

    private UsageError(Command command, string? word, string message) => (_command, _word, _message) = (command, word, message);

    /// <summary>Null when the command line is in order.</summary>
    public static UsageError? Find(ParseResult parsed, string[] args)
    {
        var command = parsed.CommandResult.Command;
        var word = parsed.UnmatchedTokens is [var unmatched, ..] ? unmatched : MistakenOption(parsed, args);
        return word is not null || parsed.Errors.Count > 0
            ? new UsageError(command, word, parsed.Errors is [var first, ..] ? first.Message.TrimEnd('.') : "")
            : null;
    }

    public void Write(Output error)
    {
        var command = _command;
        var path = string.Join(' ', Ancestors(command).Reverse().Select(c => c.Name));
        if (_word is { } word)
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
            error.Line($"{error.Red("error:")} {_message}");
        }
        error.Line($"{error.Cyan("hint:")} {path} --help tells more");
        error.Flush();
    }

    /// <summary>The parser takes an unknown option for an argument where there is room for one; nobody means that, unless behind <c>--</c>.</summary>
    private static string? MistakenOption(ParseResult parsed, string[] args) =>
        parsed.CommandResult.Command.Name == RunVerb.Name || args.Contains("--")
            ? null
            : parsed.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .Select(token => token.Value)
                .FirstOrDefault(value => value.Length > 1 && value[0] == '-');

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
