using System.CommandLine;
using System.CommandLine.Completions;
using Strata.Cli.Verbs;

namespace Strata.Cli.Completion;

/// <summary>Tells what may be typed next, from the commands as they are declared and the names in the store.</summary>
internal static class Completer
{
    private const string Verb = "complete";

    private const string StorePlace = "store:";

    private static readonly Candidate[] PlacesOnDisk = [new("oci:", "an image layout in a folder"), new("oci-archive:", "an archive"), new("docker-archive:", "an archive as docker save writes it")];

    private static readonly string[] Platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/riscv64", "linux/s390x"];

    /// <summary><c>strata complete -- WORD… CURRENT</c>, which the shells' scripts call; it is no verb for people. Null: something else was asked.</summary>
    public static Completion? Asked(CliSession session, RootCommand root, string[] args) =>
        args is [Verb, "--", .. var words] ? Complete(session, root, words) : null;

    public static void Write(Rendering.Output output, Completion completion)
    {
        if (completion.AreFiles)
        {
            output.Line(Completion.FilesMark);
        }
        foreach (var (word, about) in completion.Candidates)
        {
            output.Line($"{word}\t{about}");
        }
        output.Flush();
    }

    internal static Completion Complete(CliSession session, RootCommand root, string[] words)
    {
        var line = TypedLine.Read(root, words, RunVerb.Name);
        var names = new StoreNames(session, line.Root);
        if (line.Open is { } open)
        {
            return Fitting(line.Word, "", ValuesOf(open, names));
        }
        if (!line.OnlyArguments && line.Word.StartsWith('-'))
        {
            var equals = line.Word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                var given = line.Options(root).FirstOrDefault(option => option.Name == line.Word[..equals]);
                return given is null ? new Completion([], false) : Fitting(line.Word[(equals + 1)..], line.Word[..(equals + 1)], ValuesOf(given, names));
            }
            return Fitting(line.Word, "", (line.Options(root).Where(option => !option.Hidden).Select(option => new Candidate(option.Name, option.Description ?? "")).OrderBy(option => option.Word, StringComparer.Ordinal), false));
        }
        var (values, areFiles) = ValuesOf(line, names);
        var commands = line.Arguments == 0 && !line.OnlyArguments
            ? line.Command.Subcommands.Where(sub => !sub.Hidden).Select(sub => new Candidate(sub.Name, sub.Description ?? ""))
            : [];
        return Fitting(line.Word, "", (commands.Concat(values), areFiles));
    }

    private static Completion Fitting(string word, string prefix, (IEnumerable<Candidate> Candidates, bool AreFiles) values) => new(
        [.. values.Candidates.Where(candidate => candidate.Word.StartsWith(word, StringComparison.Ordinal)).Select(candidate => candidate with { Word = prefix + candidate.Word }).DistinctBy(candidate => candidate.Word)],
        values.AreFiles);

    private static (IEnumerable<Candidate>, bool) ValuesOf(Option option, StoreNames names) => (option.Name, option.HelpName) switch
    {
        ("--format", "HOW") => ([new("json", "all there is, for programs"), new("table", "columns, for people")], false),
        ("--platform", _) => (Platforms.Select(platform => new Candidate(platform, "a platform")), false),
        ("--tag", _) => (names.Images(), false),
        (_, "DIR" or "FILE" or "PATH") => ([], true),
        ("--volume" or "--build-context", _) => ([], true),
        _ => (Declared(option.GetCompletions(CompletionContext.Empty)), false),
    };

    private static (IEnumerable<Candidate>, bool) ValuesOf(TypedLine line, StoreNames names)
    {
        var arguments = line.Command.Arguments;
        var argument = line.Arguments < arguments.Count ? arguments[line.Arguments] : arguments is [.., { Arity.MaximumNumberOfValues: > 1 } last] ? last : null;
        return (line.Command.Name, argument?.Name) switch
        {
            (_, null) => ([], false),
            ("inspect", _) => (names.Containers().Concat(Images(line, names)), false),
            (_, "CONTAINER") => (names.Containers(), false),
            (_, "REPOSITORY") => (names.Repositories(), false),
            (_, "CONTEXT" or "TAR" or "PATH" or "FILE" or "DIR") => ([], true),
            // The container's own command: its files are not here.
            (RunVerb.Name, "COMMAND") => ([], false),
            (_, "FROM" or "TO") => Places(line, names),
            (_, "IMAGE" or "NAME" or "SOURCE" or "TARGET") => (Images(line, names), false),
            _ => (Declared(argument!.GetCompletions(CompletionContext.Empty)), false),
        };
    }

    /// <summary>What copy copies between. Behind the kind of a place on disk stands a path.</summary>
    private static (IEnumerable<Candidate>, bool) Places(TypedLine line, StoreNames names) => line.Word.Contains(':', StringComparison.Ordinal) && !line.Word.StartsWith(StorePlace, StringComparison.Ordinal)
        ? ([], PlacesOnDisk.Any(place => line.Word.StartsWith(place.Word, StringComparison.Ordinal)))
        : (names.Images().Select(image => image with { Word = StorePlace + image.Word }).Concat(PlacesOnDisk).Append(new("docker://", "a registry")), false);

    private static IEnumerable<Candidate> Images(TypedLine line, StoreNames names) =>
        line.Word.Length > 1 && line.Word.All(char.IsAsciiHexDigitLower) ? names.Images().Concat(names.ImageIds()) : names.Images();

    private static IEnumerable<Candidate> Declared(IEnumerable<CompletionItem> items) => items.Select(item => new Candidate(item.Label, item.Detail ?? ""));
}
