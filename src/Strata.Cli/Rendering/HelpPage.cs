using System.Collections;
using System.CommandLine;

namespace Strata.Cli.Rendering;

/// <summary>What a verb's <c>--help</c> shows: what it does, how it is used, what it takes, and examples to copy.</summary>
internal static class HelpPage
{
    private const int MostWidth = 140;
    private const int MostNameWidth = 32;
    private const string Indent = "  ";

    public static void Write(Output output, Command command)
    {
        var width = Math.Clamp(output.Width, 40, MostWidth);
        output.Line(command.Description ?? "");
        output.Line();
        output.Line($"{output.Bold("Usage:")} {CommandPath.Usage(command)}");
        if (command is { Subcommands.Count: > 0, Arguments.Count: > 0 })
        {
            output.Line($"{Indent}  or:  {CommandPath.Of(command)} COMMAND");
        }
        Section(output, width, "Commands:", command.Subcommands.Select(sub => (sub.Name, sub.Description ?? "")));
        Section(output, width, "Arguments:", command.Arguments.Select(argument => (argument.Name, Described(argument.Description, argument.HasDefaultValue ? argument.GetDefaultValue() : null))));
        Section(output, width, "Options:", CommandPath.Options(command).Where(option => !option.Hidden).Select(option => (Names(option, command), Described(option))));
        if (Examples.Of(command) is { Count: > 0 } examples)
        {
            output.Line();
            output.Line(output.Bold("Examples:"));
            foreach (var example in examples)
            {
                output.Line(Indent + example);
            }
        }
    }

    private static void Section(Output output, int width, string title, IEnumerable<(string Name, string Text)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }
        output.Line();
        output.Line(output.Bold(title));
        var column = Math.Min(all.Max(row => row.Name.Length), MostNameWidth) + 2;
        foreach (var (name, text) in all)
        {
            var lines = Wrap(text, Math.Max(20, width - column - Indent.Length)).ToList();
            var start = name.Length + 2 > column ? name + "  " : name.PadRight(column);
            output.Line((Indent + start + lines[0]).TrimEnd());
            foreach (var line in lines.Skip(1))
            {
                output.Line(Indent + new string(' ', column) + line);
            }
        }
    }

    private static string Names(Option option, Command command)
    {
        // A command's own -h is not the help's.
        var taken = command.Options.Where(own => own != option).SelectMany(own => own.Aliases).ToHashSet(StringComparer.Ordinal);
        var aliases = option.Aliases.Where(alias => command.Options.Contains(option) || !taken.Contains(alias))
            .OrderBy(alias => alias.Length).ThenBy(alias => alias, StringComparer.Ordinal);
        return string.Join(", ", aliases.Append(CommandPath.WithValue(option)));
    }

    private static string Described(Option option) => option.Required
        ? $"{option.Description} (required)"
        : Described(option.Description, CommandPath.TakesValue(option) && option.HasDefaultValue ? option.GetDefaultValue() : null);

    private static string Described(string? text, object? standard)
    {
        var shown = standard switch
        {
            null => "",
            string word => word,
            IEnumerable many => string.Join(", ", many.Cast<object>()),
            IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            _ => "",
        };
        return shown.Length == 0 ? text ?? "" : $"{text} (default: {shown})";
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }
            line += line.Length == 0 ? word : " " + word;
        }
        yield return line;
    }
}
