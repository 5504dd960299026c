using System.CommandLine;

namespace Strata.Cli.Rendering;

/// <summary>The help of the whole: verbs by what people want to do, with an example of each.</summary>
internal static class RootPage
{
    private const int WidestText = 100;

    private static readonly (string Title, string[] Verbs, string Example)[] Groups =
    [
        ("Build images", ["build", "import", "tag"], "strata build -t my-app:v1 ."),
        ("Run containers", ["run", "ps", "logs", "stop", "rm"], "strata run --rm -it my-app:v1"),
        ("See what is in them", ["images", "layers", "history", "inspect"], "strata layers my-app:v1"),
        ("Move images", ["pull", "push", "tags", "login", "logout", "save", "load", "copy"], "strata push registry.example.org/team/my-app:v1"),
        ("Serve a registry", ["registry"], "strata registry serve --data /srv/registry"),
        ("Clean up and check", ["rmi", "prune", "system"], "strata prune --dry-run"),
        ("Strata itself", ["completion", "version"], "source <(strata completion bash)"),
    ];

    public static void Write(Output output, RootCommand root)
    {
        output.Line("Builds images from Dockerfiles, keeps and serves them, tells what is in them, and runs them.");
        output.Line();
        output.Line($"{output.Bold("Usage:")} strata [OPTIONS] COMMAND; strata COMMAND --help tells more");
        var verbs = root.Subcommands.Where(verb => !verb.Hidden).ToList();
        var column = verbs.Max(verb => verb.Name.Length) + 4;
        var width = Math.Min(output.Width, WidestText);
        foreach (var (title, names, example) in Groups)
        {
            Section(output, $"{output.Bold(title)}  {output.Dim(example)}", names.Select(name => verbs.Find(verb => verb.Name == name)).OfType<Command>(), column, width);
        }
        Section(output, output.Bold("More"), verbs.Where(verb => !Groups.Any(group => group.Verbs.Contains(verb.Name))), column, width);
        output.Line();
        output.Line(output.Bold("Options"));
        foreach (var option in root.Options.Where(option => !option.Hidden))
        {
            var name = option.HelpName is { } value ? $"{option.Name} {value}" : option.Name;
            Row(output, name, option.Description ?? "", Math.Max(column, name.Length + 4), width);
        }
    }

    private static void Section(Output output, string title, IEnumerable<Command> verbs, int column, int width)
    {
        var isFirst = true;
        foreach (var verb in verbs)
        {
            if (isFirst)
            {
                output.Line();
                output.Line(title);
                isFirst = false;
            }
            Row(output, verb.Name, verb.Description ?? "", column, width);
        }
    }

    private static void Row(Output output, string name, string text, int column, int width)
    {
        var line = "  " + name.PadRight(column - 2);
        foreach (var word in text.Split(' '))
        {
            if (line.Length + word.Length > width && line.TrimEnd().Length > 0 && line.Length > column)
            {
                output.Line(line.TrimEnd());
                line = new string(' ', column);
            }
            line += word + " ";
        }
        output.Line(line.TrimEnd());
    }
}
