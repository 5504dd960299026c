using System.CommandLine;

namespace Strata.Cli;

/// <summary>A command as it is typed: <c>strata tags rollback</c>, whatever the executable's file is called.</summary>
internal static class CommandPath
{
    private const string Program = "strata";

    public static string Of(Command command) =>
        string.Join(' ', Ancestors(command).Reverse().Select(ancestor => ancestor is RootCommand ? Program : ancestor.Name));

    /// <summary>How it is used, in one line: <c>strata run [OPTIONS] IMAGE [COMMAND…]</c>.</summary>
    public static string Usage(Command command)
    {
        var words = new List<string> { Of(command) };
        if (command.Options.Any(option => !option.Hidden))
        {
            words.Add("[OPTIONS]");
        }
        words.AddRange(command.Arguments.Select(Placeholder));
        if (command is { Subcommands.Count: > 0, Arguments.Count: 0 })
        {
            words.Add("COMMAND");
        }
        return string.Join(' ', words);
    }

    /// <summary>The option and what it takes: <c>--time SECONDS</c>.</summary>
    public static string WithValue(Option option) => TakesValue(option) ? $"{option.Name} {ValueName(option)}" : option.Name;

    public static string ValueName(Option option) => option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant();

    public static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    /// <summary>Those of the command, and those of the commands around it that hold for it too.</summary>
    public static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(Ancestors(command).Skip(1).SelectMany(ancestor => ancestor.Options).Where(option => option.Recursive));

    private static string Placeholder(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "…" : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 || argument.HasDefaultValue ? $"[{name}]" : name;
    }

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (Command? current = command; current is not null; current = current.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return current;
        }
    }
}
