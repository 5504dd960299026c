using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>One statement of the file: lines joined, split into keyword, flags and arguments, but not yet judged.</summary>
internal sealed record Statement
{
    /// <summary>As written, any case.</summary>
    public required string Keyword { get; init; }

    public required SourceRange Range { get; init; }

    /// <summary>The joined lines.</summary>
    public required string Original { get; init; }

    public required ImmutableArray<string> Flags { get; init; }

    public required ArgumentSyntax Arguments { get; init; }

    public ImmutableArray<Heredoc> Heredocs { get; init; } = [];

    /// <summary>The comment lines right above, without their number sign.</summary>
    public ImmutableArray<string> Comments { get; init; } = [];

    public InstructionSource Source => new(Range, Original, Keyword, Comments);

    public bool MayHaveHeredocs => Arguments switch
    {
        ArgumentSyntax.Trigger trigger => trigger.Statement.MayHaveHeredocs,
        ArgumentSyntax.Words { IsJson: true } => false,
        _ => Keywords.TakesHeredocs(Keyword),
    };
}
