using System.CommandLine;
using System.CommandLine.Parsing;
using Strata.Cli.Rendering;
using Strata.Cli.Verbs;
using Strata.Host;

namespace Strata.Cli;

/// <summary>A command line that can't be read: what is wrong with it, the word that was meant, and where the help is.</summary>
internal sealed class UsageError
{
    private readonly Command _command;
    private readonly string? _word;
    private readonly string _message;

    private UsageError(Command command, string? word, string message) => (_command, _word, _message) = (command, word, message);

    /// <summary>Null when the command line is in order.</summary>
    public static UsageError? Find(ParseResult parsed, string[] args)
    {
        var command = parsed.CommandResult.Command;
        var word = MistakenOption(parsed, args) ?? (parsed.UnmatchedTokens is [var unmatched, ..] ? unmatched : null);
        return word is not null || parsed.Errors.Count > 0
            ? new UsageError(command, word, parsed.Errors is [var first, ..] ? OneLine(first.Message) : "")
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
            if (command.Name == BuildVerb.Name && DockerBuildOptions.Instead(word) is { } instead)
            {
                error.Line($"{error.Cyan("hint:")} {instead}");
            }
            else if (Meant(word, command) is { } meant)
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
    private static string? MistakenOption(ParseResult parsed, string[] args)
    {
        var command = parsed.CommandResult.Command;
        var isRun = command.Name == RunVerb.Name;
        if (!isRun && args.Contains("--"))
        {
            return null;
        }
        return parsed.CommandResult.Children.OfType<ArgumentResult>()
            // What follows the image is the container's; no image is called like an option.
            .Where(argument => !isRun || argument.Argument == command.Arguments[0])
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .FirstOrDefault(value => value.Length > 1 && value[0] == '-');
    }

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (Command? current = command; current is not null; current = current.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return current;
        }
    }

    private static string? Meant(string word, Command command) =>
        NearestWord.To(word, word.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(sub => sub.Name));
}
