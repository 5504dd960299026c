using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>
/// How an instruction stands in the file: its lines joined to one without heredoc bodies, its word as written, and
/// the comment lines right above without their number sign.
/// </summary>
public sealed record InstructionSource(SourceRange Range, string Original, string Keyword, ImmutableArray<string> Comments);

/// <summary>One instruction. Its values are as written: quotes and variables are for <see cref="Expansion"/> to resolve.</summary>
public abstract record Instruction
{
    private protected Instruction()
    {
    }

    public required InstructionSource Source { get; init; }

    public SourceRange Range => Source.Range;

    public string Original => Source.Original;

    /// <summary>The comment that documents a name: <c># name text</c> above <c>ARG name</c> or <c>FROM … AS name</c>.</summary>
    public string? DescriptionOf(string name)
    {
        foreach (string comment in Source.Comments)
        {
            string word = WhiteSpace.CutAtBlank(comment, out string? text);
            if (text is not null && word == name)
            {
                return text;
            }
        }

        return null;
    }
}
