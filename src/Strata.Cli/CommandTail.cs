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
            var separate = !args[i].Contains('=', StringComparison.Ordinal);
            // Of bundled letters (-it, -itu root) only the last can take a value.
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i] : "-" + args[i][^1];
            var takesValue = known.Exists(option => (option.Name == name || option.Aliases.Contains(name)) && option.Arity.MinimumNumberOfValues > 0);
            i += separate && takesValue ? 2 : 1;
        }
        return i;
    }
}
