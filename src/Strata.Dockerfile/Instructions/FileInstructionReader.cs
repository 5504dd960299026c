using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>COPY and ADD.</summary>
internal sealed class FileInstructionReader(ErrorList errors)
{
    public CopyInstruction? Copy(Statement statement)
    {
        FlagSet? flags = FlagSet.Read(statement, errors, "from", "chown", "chmod", "link?", "parents?", "exclude*");
        if (Places.Read(statement, "COPY", errors) is not { } places || flags is null)
        {
            return null;
        }

        CheckExcludes(statement, flags);
        string? from = flags.Value("from");
        if (from?.Contains('$', StringComparison.Ordinal) is true)
        {
            errors.Add(
                statement.Range,
                "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround");
            return null;
        }

        return new CopyInstruction
        {
            Source = statement.Source,
            Sources = places.Sources,
            Heredocs = places.Heredocs,
            Destination = places.Destination,
            Chown = flags.Value("chown"),
            Chmod = flags.Value("chmod"),
            Link = flags.Bool("link") ?? false,
            Excludes = flags.All("exclude"),
            From = from,
            Parents = flags.Bool("parents") ?? false,
        };
    }

    public AddInstruction? Add(Statement statement)
    {
        FlagSet? flags = FlagSet.Read(
            statement, errors, "chown", "chmod", "link?", "exclude*", "checksum", "keep-git-dir?", "unpack?");
        if (Places.Read(statement, "ADD", errors) is not { } places || flags is null)
        {
            return null;
        }

        CheckExcludes(statement, flags);
        return new AddInstruction
        {
            Source = statement.Source,
            Sources = places.Sources,
            Heredocs = places.Heredocs,
            Destination = places.Destination,
            Chown = flags.Value("chown"),
            Chmod = flags.Value("chmod"),
            Link = flags.Bool("link") ?? false,
            Excludes = flags.All("exclude"),
            Checksum = flags.Value("checksum"),
            KeepGitDir = flags.Bool("keep-git-dir"),
            Unpack = flags.Bool("unpack"),
        };
    }

    /// <summary>They are never expanded, so a malformed one is known here.</summary>
    private void CheckExcludes(Statement statement, FlagSet flags)
    {
        if (!PathPatterns.TryParse(flags.All("exclude"), out _, out string? problem))
        {
            errors.Add(statement.Range, $"invalid --exclude: {problem}");
        }
    }

    private sealed record Places(ImmutableArray<string> Sources, ImmutableArray<Heredoc> Heredocs, string Destination)
    {
        public static Places? Read(Statement statement, string keyword, ErrorList errors)
        {
            ImmutableArray<string> words = statement.Arguments is ArgumentSyntax.Words given ? given.Values : [];
            if (words.Length < 2)
            {
                string problem = words.Length == 0
                    ? $"{keyword} requires at least two arguments"
                    : $"{keyword} requires at least two arguments, but only one was provided. Destination could not be determined";
                errors.Add(statement.Range, problem, $"write {keyword} source destination");
                return null;
            }

            // Only in the list form does << open a heredoc; in JSON it is a name.
            bool isJson = statement.Arguments is ArgumentSyntax.Words { IsJson: true };
            words = isJson ? words : [.. HeredocFinder.JoinOperators(words)];
            if (!isJson && HeredocFinder.FromWord(words[^1]) is not null)
            {
                errors.Add(
                    statement.Range, $"{keyword} cannot accept a heredoc as a destination", "put the destination behind the heredoc");
                return null;
            }

            var sources = ImmutableArray.CreateBuilder<string>();
            var heredocs = ImmutableArray.CreateBuilder<Heredoc>();
            var unused = statement.Heredocs.ToList();
            foreach (string word in words.AsSpan()[..^1])
            {
                Heredoc? opened = isJson ? null : HeredocFinder.FromWord(word);
                if (opened is null)
                {
                    sources.Add(word);
                }
                else
                {
                    int index = unused.FindIndex(heredoc => heredoc.Name == opened.Name);
                    heredocs.Add(opened with { Content = index < 0 ? "" : unused[index].Content });
                    unused.RemoveRange(Math.Max(0, index), index < 0 ? 0 : 1);
                }
            }

            return new Places(sources.ToImmutable(), heredocs.ToImmutable(), words[^1]);
        }
    }
}
