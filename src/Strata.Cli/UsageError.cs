using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Strata.Cli.Rendering;
using Strata.Cli.Verbs;
using Strata.Host;

namespace Strata.Cli;

/// <summary>A command line that can't be read: what is wrong with it, the word that was meant, and where the help is.</summary>
internal sealed class UsageError
{
    private readonly Command _command;
    private readonly string _message;
    private readonly string? _hint;

    private UsageError(Command command, string message, string? hint) => (_command, _message, _hint) = (command, message, hint);

    /// <summary>Null when the command line is in order.</summary>
    public static UsageError? Find(ParseResult parsed, string[] args)
    {
        var command = parsed.CommandResult.Command;
        if ((MistakenOption(parsed, args) ?? MistakenCommand(parsed) ?? (parsed.UnmatchedTokens is [var unmatched, ..] ? unmatched : null)) is { } word)
        {
            return OfWord(command, word, args);
        }
        // What was typed wrong before what is missing: a wrong option often swallows the word that then lacks.
        var first = parsed.Errors.OrderBy(error => OptionOf(error.SymbolResult) is null).FirstOrDefault();
        return first is null ? null : new UsageError(command, Message(parsed, first), null);
    }

    public void Write(Output error)
    {
        error.Line($"{error.Red("error:")} {TerminalText.TameLines(_message)}");
        if (_hint is not null)
        {
            error.Line($"{error.Cyan("hint:")} {TerminalText.TameLines(_hint)}");
        }
        error.Line($"{error.Cyan("hint:")} {CommandPath.Of(_command)} --help tells more");
        error.Flush();
    }

    private static UsageError OfWord(Command command, string word, string[] args)
    {
        if (!word.StartsWith('-'))
        {
            var isCommand = command.Subcommands.Count > 0;
            var elsewhere = DockerVerbs.Instead([.. args.Where(arg => !arg.StartsWith('-'))]);
            return new(
                command,
                $"'{word}' is no {(isCommand ? "command" : "argument")} of {CommandPath.Of(command)}",
                elsewhere ?? (isCommand ? DidYouMean(NearestWord.To(word, command.Subcommands.Select(sub => sub.Name))) : null));
        }
        var name = word.Split('=')[0];
        var known = CommandPath.Options(command).Where(option => !option.Hidden).Select(option => option.Name);
        var instead = command.Name == BuildVerb.Name ? DockerBuildOptions.Instead(name) : null;
        return new(command, $"'{name}' is no option of {CommandPath.Of(command)}", instead ?? DidYouMean(NearestWord.To(name, known)));
    }

    private static string? DidYouMean(string? meant) => meant is null ? null : $"did you mean {meant}?";

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

    /// <summary>Where a command has arguments and commands of its own, a mistyped command is taken for an argument, and what follows is too much.</summary>
    private static string? MistakenCommand(ParseResult parsed) => parsed is { CommandResult.Command: { Subcommands.Count: > 0 } command, UnmatchedTokens.Count: > 0 }
        ? parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .FirstOrDefault(value => NearestWord.To(value, command.Subcommands.Select(sub => sub.Name)) is not null)
        : null;

    private static string Message(ParseResult parsed, ParseError error)
    {
        if (OptionOf(error.SymbolResult) is { Implicit: false } given)
        {
            return OfOption(given, error.Message) ?? OneLine(error.Message);
        }
        var command = parsed.CommandResult.Command;
        if (error.SymbolResult is ArgumentResult { Tokens.Count: 0 } missing)
        {
            return $"{missing.Argument.Name} is missing: {CommandPath.Usage(command)}";
        }
        if (command.Options.FirstOrDefault(option => option.Required && parsed.GetResult(option) is null or { Implicit: true }) is { Required: true } lacking)
        {
            return $"{CommandPath.WithValue(lacking)} is missing: {lacking.Description}";
        }
        return command is { Subcommands.Count: > 0, Arguments.Count: 0 }
            ? $"{CommandPath.Of(command)} needs one of its commands: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}"
            : OneLine(error.Message);
    }

    private static OptionResult? OptionOf(SymbolResult? symbol) => symbol as OptionResult ?? symbol?.Parent as OptionResult;

    /// <summary>Null where the option's own parser has said what is wrong.</summary>
    private static string? OfOption(OptionResult given, string message)
    {
        var option = given.Option;
        var usage = CommandPath.WithValue(option);
        if (given.Tokens is [] && CommandPath.TakesValue(option))
        {
            return $"{option.Name} lacks its value: {usage}";
        }
        var value = given.Tokens is [.., var last] ? last.Value : "";
        if (option.CompletionSources.Count > 0 && option.GetCompletions(CompletionContext.Empty).Select(item => item.Label).ToList() is { Count: > 0 } known)
        {
            return given.Tokens.Select(token => token.Value).FirstOrDefault(token => !known.Contains(token)) is { } odd
                ? $"'{odd}' is no value of {option.Name}: it takes {string.Join(", ", known.SkipLast(1))} or {known[^1]}"
                : null;
        }
        if (!message.Contains("'System.", StringComparison.Ordinal))
        {
            return null;
        }
        // The parser's own words name a type of .NET.
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 or TypeCode.Int64 => $"'{value}' is no whole number: {usage}",
            TypeCode.Double or TypeCode.Decimal => $"'{value}' is no number: {usage}",
            _ => null,
        };
    }

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
