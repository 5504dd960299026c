using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>
/// A pattern as Go's <c>filepath.Match</c> reads it: <c>* ? [a-z] [^a] \</c>; no wildcard but a class matches a slash.
/// COPY and ADD sources are such patterns.
/// </summary>
public sealed class GlobPattern
{
    private readonly GlobProgram _program;

    private GlobPattern(string text, GlobProgram program)
    {
        Text = text;
        _program = program;
    }

    public string Text { get; }

    /// <summary>True when it matches one name only, <see cref="Literal"/>.</summary>
    public bool IsLiteral => _program.Tokens.All(token => token.Kind == GlobTokenKind.Literal);

    /// <summary>The one name a literal pattern matches, escapes removed.</summary>
    public string Literal => string.Concat(_program.Tokens.Select(token => Encoding.UTF8.GetString(token.Bytes)));

    public static bool TryParse(string text, [NotNullWhen(true)] out GlobPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        GlobProgram? program = GlobCompiler.Compile(text, doubleStar: false);
        pattern = program is null ? null : new GlobPattern(text, program);
        error = program is null ? $"{GlobCompiler.SyntaxError}: {GoQuote.Quote(text)}" : null;
        return pattern is not null;
    }

    /// <summary>Whether it matches a whole name or path, in UTF-8; bytes that are none count as one character each.</summary>
    public bool Matches(ReadOnlySpan<byte> name) => _program.Matches(name);
}
