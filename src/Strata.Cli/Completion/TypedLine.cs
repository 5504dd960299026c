using System.CommandLine;

namespace Strata.Cli.Completion;

/// <summary>A command line as far as it has been typed. It need not be right: nobody has finished it yet.</summary>
internal sealed class TypedLine
{
    private TypedLine(Command command, string word) => (Command, Word) = (command, word);

    public Command Command { get; private set; }

    /// <summary>The word at the cursor, maybe empty.</summary>
    public string Word { get; }

    /// <summary>The option whose value the word is; null: it is no value.</summary>
    public Option? Open { get; private set; }

    /// <summary>How many arguments stand before the word.</summary>
    public int Arguments { get; private set; }

    /// <summary>An option can't follow any more: behind <c>--</c>, or what follows is the container's.</summary>
    public bool OnlyArguments { get; private set; }

    /// <summary>The value of <c>--root</c>.</summary>
    public string? Root { get; private set; }

    /// <param name="root">All commands.</param>
    /// <param name="words">Those behind the program's name; the last is at the cursor.</param>
    /// <param name="tailed">The command whose first argument ends its options.</param>
    public static TypedLine Read(RootCommand root, IReadOnlyList<string> words, string tailed)
    {
        var line = new TypedLine(root, words is [.., var last] ? last : "");
        foreach (var word in words.Take(words.Count - 1))
        {
            line.Take(word, root, tailed);
        }
        return line;
    }

    /// <summary>Those of the command, and those that hold for all.</summary>
    public IEnumerable<Option> Options(RootCommand root) => Command == root ? root.Options : Command.Options.Concat(root.Options.Where(option => option.Recursive));

    public static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    private void Take(string word, RootCommand root, string tailed)
    {
        if (Open is not null)
        {
            Root = Open == CliSession.RootOption ? word : Root;
            Open = null;
        }
        else if (!OnlyArguments && word == "--")
        {
            OnlyArguments = true;
        }
        else if (!OnlyArguments && word.Length > 1 && word[0] == '-')
        {
            TakeOption(word, root);
        }
        else if (Arguments == 0 && Command.Subcommands.FirstOrDefault(sub => sub.Name == word) is { } sub)
        {
            Command = sub;
        }
        else
        {
            Arguments++;
            OnlyArguments |= Command.Name == tailed;
        }
    }

    private void TakeOption(string word, RootCommand root)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        if (equals < 0 && !word.StartsWith("--", StringComparison.Ordinal))
        {
            // Of bundled letters the last may want the next word.
            name = "-" + word[^1];
        }
        var option = Options(root).FirstOrDefault(known => known.Name == name || known.Aliases.Contains(name));
        if (option is null || !TakesValue(option))
        {
            return;
        }
        if (equals < 0)
        {
            Open = option;
        }
        else if (option == CliSession.RootOption)
        {
            Root = word[(equals + 1)..];
        }
    }
}
