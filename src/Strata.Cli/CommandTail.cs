using System.CommandLine;

namespace Strata.Cli;

/// <summary>
/// Docker's rule for <c>run</c>: the first word that is no option is the image, and everything behind it is the container's, dashes
/// and all. The parser knows no such rule, but it knows <c>--</c>, which is put where the image begins.
/// </summary>
internal static class CommandTail
{
    public static string[] Mark(string[] args, RootCommand root, string verb)
    {
        var at = NextWord(args, 0, root.Options);
        if (at >= args.Length || args[at] != verb || root.Subcommands.FirstOrDefault(c => c.Name == verb) is not { } command)
        {
            return args;
        }
        var image = NextWord(args, at + 1, [.. command.Options, .. root.Options]);
        return image >= args.Length || args[image] == "--" ? args : [.. args[..image], "--", .. args[image..]];
    }

    /// <summary>The first word from <paramref name="from"/> on that is neither an option nor an option's value.</summary>
    private static int NextWord(string[] args, int from, IEnumerable<Option> options)
    {
        var known = options.ToList();
        var i = from;
        while (i < args.Length && args[i].StartsWith('-') && args[i] != "--" && args[i] != "-")
        {
            i += ValueFollows(args[i], known) ? 2 : 1;
        }
        return i;
    }

    private static bool ValueFollows(string word, List<Option> known)
    {
        if (word.StartsWith("--", StringComparison.Ordinal))
        {
            return TakesValue(word, known);
        }
        // Of bundled letters (-it, -itu root) the first that takes a value takes the rest of the word (-uroot), else the next word.
        var letter = word.Skip(1).TakeWhile(c => c != '=').Select((c, index) => (Name: "-" + c, index)).FirstOrDefault(l => TakesValue(l.Name, known));
        return letter.Name is not null && letter.index == word.Length - 2;
    }

    private static bool TakesValue(string name, List<Option> known) =>
        known.Exists(option => (option.Name == name || option.Aliases.Contains(name)) && option.Arity.MinimumNumberOfValues > 0);
}
