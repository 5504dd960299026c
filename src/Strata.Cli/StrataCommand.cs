using System.CommandLine;
using System.CommandLine.Help;
using Strata.Cli.Completion;
using Strata.Cli.Rendering;
using Strata.Cli.Verbs;

namespace Strata.Cli;

/// <summary>The command line as a whole: every verb, in the order in which help teaches them.</summary>
internal static class StrataCommand
{
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(CliSession session, string[] args)
    {
        var root = Create(session);
        if (Completer.Asked(session, root, args) is { } completion)
        {
            Completer.Write(session.Out, completion);
            return ExitCodes.Success;
        }
        if (args is [] or ["--help"] or ["-h"] or ["-?"] or ["help"])
        {
            RootPage.Write(session.Out, root);
            session.Out.Flush();
            return ExitCodes.Success;
        }
        // A word that begins with @ is a word: nobody who knows docker expects a file to be read in its place.
        var parsed = root.Parse(CommandTail.Mark(args, root, RunVerb.Name), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (root.Options.OfType<HelpOption>().Any(option => parsed.GetResult(option) is not null))
        {
            HelpPage.Write(session.Out, parsed.CommandResult.Command);
            session.Out.Flush();
            return ExitCodes.Success;
        }
        var configuration = new InvocationConfiguration
        {
            Output = session.Out.Writer,
            Error = session.Error.Writer,
            // Ctrl-C cancels the verb, which still has to end its steps and take its mounts away. With run it is the container's.
            ProcessTerminationTimeout = parsed.CommandResult.Command.Name == RunVerb.Name ? null : TimeToStop,
            EnableDefaultExceptionHandler = false,
        };
        if (UsageError.Find(parsed, args) is { } wrong)
        {
            wrong.Write(session.Error);
            return parsed.CommandResult.Command.Name == RunVerb.Name ? ExitCodes.RunFailed : ExitCodes.Failure;
        }
        var code = await parsed.InvokeAsync(configuration);
        session.Out.Flush();
        session.Error.Flush();
        return code;
    }

    internal static RootCommand Create(CliSession session)
    {
        var root = Verbs(session);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Description = "What it does, what it takes, and examples";
        help.Aliases.Clear();
        help.Aliases.Add("-h");
        LastOneWins(root);
        return root;
    }

    /// <summary>Docker's rule, which scripts and aliases with options of their own live by.</summary>
    private static void LastOneWins(Command command)
    {
        foreach (var option in command.Options.Where(option => option.Arity.MaximumNumberOfValues == 1))
        {
            // The parser's name for it; one option still takes one word.
            option.AllowMultipleArgumentsPerToken = true;
        }
        foreach (var sub in command.Subcommands)
        {
            LastOneWins(sub);
        }
    }

    private static RootCommand Verbs(CliSession session) => new("""
        Builds images from Dockerfiles, keeps and serves them, tells what is in them, and runs them.

        The first minute:
          strata build -t my-app:v1 .          an image from the Dockerfile here
          strata run --rm my-app:v1            a container of it
          strata images                        what is in the store
          strata push registry/team/my-app:v1  to a registry; pull brings it back
          strata registry serve --data DIR     a registry of your own
        """)
    {
        CliSession.RootOption,
        CliSession.DebugOption,
        BuildVerb.Create(session),
        RunVerb.Create(session),
        PsVerb.Create(session),
        LogsVerb.Create(session),
        StopVerb.Create(session),
        RmVerb.Create(session),
        ImagesVerb.Create(session),
        LayersVerb.Create(session),
        HistoryVerb.Create(session),
        InspectVerb.Create(session),
        TagVerb.Create(session),
        RmiVerb.Create(session),
        ImportVerb.Create(session),
        SaveVerb.Create(session),
        LoadVerb.Create(session),
        CopyVerb.Create(session),
        PullVerb.Create(session),
        PushVerb.Create(session),
        TagsVerb.Create(session),
        LoginVerb.Create(session),
        LogoutVerb.Create(session),
        RegistryVerb.Create(session),
        PruneVerb.Create(session),
        SystemVerb.Create(session),
        CompletionVerb.Create(session),
        VersionVerb.Create(session),
    };
}
