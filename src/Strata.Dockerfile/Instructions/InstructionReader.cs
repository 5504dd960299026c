using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>Turns statements into instructions; null means that the error list says why not.</summary>
internal sealed class InstructionReader(char escape, ErrorList errors)
{
    private readonly RunReader _run = new(escape, errors);
    private readonly FileInstructionReader _files = new(errors);
    private readonly HealthCheckReader _healthChecks = new(errors);

    public Instruction? Read(Statement statement)
    {
        int before = errors.Count;
        Instruction? instruction = statement.Keyword.ToUpperInvariant() switch
        {
            "FROM" => From(statement),
            "RUN" => _run.Read(statement),
            "COPY" => _files.Copy(statement),
            "ADD" => _files.Add(statement),
            "ENV" => Env(statement),
            "LABEL" => Label(statement),
            "ARG" => Arg(statement),
            "HEALTHCHECK" => _healthChecks.Read(statement),
            "ONBUILD" => OnBuild(statement),
            string keyword => Simple(keyword, statement),
        };
        return errors.Count == before ? instruction : null;
    }

    /// <summary>Instructions without flags.</summary>
    private Instruction? Simple(string keyword, Statement statement)
    {
        if (!Keywords.All.Contains(keyword))
        {
            errors.Add(statement.Range, $"unknown instruction: {statement.Keyword}", Suggestion.Hint(statement.Keyword, Keywords.All));
            return null;
        }

        FlagSet.Read(statement, errors);
        InstructionSource source = statement.Source;
        return keyword switch
        {
            "CMD" => new CmdInstruction { Source = source, CommandLine = statement.Arguments.ToCommandLine() },
            "ENTRYPOINT" => new EntrypointInstruction { Source = source, CommandLine = statement.Arguments.ToCommandLine() },
            "SHELL" => new ShellInstruction { Source = source, Shell = ShellWords(statement) },
            "EXPOSE" => new ExposeInstruction { Source = source, Ports = AtLeastOne(statement, keyword) },
            "VOLUME" => new VolumeInstruction { Source = source, Paths = VolumePaths(statement) },
            "USER" => new UserInstruction { Source = source, User = ExactlyOne(statement, keyword) },
            "WORKDIR" => new WorkdirInstruction { Source = source, Path = ExactlyOne(statement, keyword) },
            "STOPSIGNAL" => new StopSignalInstruction { Source = source, Signal = ExactlyOne(statement, keyword) },
            _ => new MaintainerInstruction { Source = source, Maintainer = ExactlyOne(statement, keyword) },
        };
    }

    private FromInstruction? From(Statement statement)
    {
        FlagSet? flags = FlagSet.Read(statement, errors, "platform");
        ImmutableArray<string> words = statement.Arguments is ArgumentSyntax.Words given ? given.Values : [];
        bool named = words.Length == 3 && words[1].Equals("as", StringComparison.OrdinalIgnoreCase);
        if (!named && words.Length != 1)
        {
            errors.Add(statement.Range, "FROM requires either one or three arguments", "write FROM image or FROM image AS name");
            return null;
        }

        if (named && !IsStageName(words[2].ToLowerInvariant()))
        {
            errors.Add(
                statement.Range,
                $"invalid name for build stage: {GoQuote.Quote(words[2])}, name can't start with a number or contain symbols",
                "use letters, digits, '-', '_' and '.', beginning with a letter");
            return null;
        }

        return new FromInstruction
        {
            Source = statement.Source,
            BaseName = words[0],
            Platform = flags?.Value("platform"),
            Alias = named ? words[2] : null,
            AsKeyword = named ? words[1] : null,
        };
    }

    private static bool IsStageName(string name) =>
        char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');

    private EnvInstruction Env(Statement statement) => new()
    {
        Source = statement.Source,
        Variables = NamedValues(statement, "ENV"),
        IsLegacyForm = statement.Arguments is ArgumentSyntax.Pairs { IsLegacy: true },
    };

    private LabelInstruction Label(Statement statement) => new()
    {
        Source = statement.Source,
        Labels = NamedValues(statement, "LABEL"),
        IsLegacyForm = statement.Arguments is ArgumentSyntax.Pairs { IsLegacy: true },
    };

    private ImmutableArray<KeyValue> NamedValues(Statement statement, string keyword)
    {
        FlagSet.Read(statement, errors);
        if (statement.Arguments is not ArgumentSyntax.Pairs pairs)
        {
            RequireOne(statement, keyword);
            return [];
        }

        if (pairs.Values.Any(pair => pair.Key.Length == 0))
        {
            errors.Add(statement.Range, $"{keyword} names can not be blank", "write a name in front of the =");
        }

        return pairs.Values;
    }

    private ArgInstruction Arg(Statement statement)
    {
        FlagSet.Read(statement, errors);
        var declarations = ImmutableArray.CreateBuilder<ArgDeclaration>();
        foreach (string word in AtLeastOne(statement, "ARG"))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            declarations.Add(equals < 0 ? new ArgDeclaration(word, null) : new ArgDeclaration(word[..equals], word[(equals + 1)..]));
            if (equals == 0)
            {
                errors.Add(statement.Range, "ARG names can not be blank", "write a name in front of the =");
            }
        }

        return new ArgInstruction { Source = statement.Source, Declarations = declarations.ToImmutable() };
    }

    private OnBuildInstruction? OnBuild(Statement statement)
    {
        FlagSet.Read(statement, errors);
        if (statement.Arguments is not ArgumentSyntax.Trigger trigger)
        {
            RequireOne(statement, "ONBUILD");
            return null;
        }

        string keyword = trigger.Statement.Keyword.ToUpperInvariant();
        switch (keyword)
        {
            case "ONBUILD":
                errors.Add(statement.Range, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
                return null;
            case "FROM" or "MAINTAINER":
                errors.Add(statement.Range, $"{keyword} isn't allowed as an ONBUILD trigger");
                return null;
        }

        // What the trigger says is judged here already: the author of a child image could not mend it.
        Statement inner = trigger.Statement with { Range = statement.Range, Heredocs = statement.Heredocs };
        if (Read(inner) is not { } instruction)
        {
            return null;
        }

        string expression = WhiteSpace.TrimStart(WhiteSpace.TrimStart(statement.Original)["ONBUILD".Length..]);
        return new OnBuildInstruction
        {
            Source = statement.Source,
            Expression = expression + string.Concat(statement.Heredocs.Select(heredoc => $"\n{heredoc.Content}{heredoc.Name}")),
            Trigger = instruction,
        };
    }

    private ImmutableArray<string> ShellWords(Statement statement)
    {
        if (statement.Arguments is ArgumentSyntax.Words { IsJson: true, Values: { IsEmpty: false } words })
        {
            return words;
        }

        if (statement.Arguments is ArgumentSyntax.Words or ArgumentSyntax.Nothing)
        {
            errors.Add(statement.Range, "SHELL requires at least one argument", "write SHELL [\"/bin/sh\", \"-c\"]");
        }
        else
        {
            errors.Add(statement.Range, "SHELL requires the arguments to be in JSON form", "write SHELL [\"/bin/sh\", \"-c\"]");
        }

        return [];
    }

    private ImmutableArray<string> VolumePaths(Statement statement)
    {
        ImmutableArray<string> paths = [.. AtLeastOne(statement, "VOLUME").Select(WhiteSpace.Trim)];
        if (paths.Any(path => path.Length == 0))
        {
            errors.Add(statement.Range, "VOLUME specified can not be an empty string");
        }

        return paths;
    }

    private ImmutableArray<string> AtLeastOne(Statement statement, string keyword)
    {
        if (statement.Arguments is ArgumentSyntax.Words { Values: { IsEmpty: false } words })
        {
            return words;
        }

        RequireOne(statement, keyword);
        return [];
    }

    private void RequireOne(Statement statement, string keyword) =>
        errors.Add(statement.Range, $"{keyword} requires at least one argument");

    private string ExactlyOne(Statement statement, string keyword)
    {
        if (statement.Arguments is ArgumentSyntax.Text text)
        {
            return text.Value;
        }

        errors.Add(statement.Range, $"{keyword} requires exactly one argument");
        return "";
    }
}
