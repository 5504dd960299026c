namespace Strata.Cli.Templates;

internal enum TokenKind
{
    /// <summary>What stands between actions.</summary>
    Text,
    Open,
    Close,

    /// <summary>A lone <c>.</c></summary>
    Dot,

    /// <summary><c>.Name</c>, without its dot in <see cref="Token.Text"/>.</summary>
    Field,

    /// <summary><c>$name</c>, with its sign.</summary>
    Variable,

    /// <summary>A function, a keyword, <c>true</c>, <c>false</c> or <c>nil</c>.</summary>
    Word,

    /// <summary>Unquoted in <see cref="Token.Text"/>.</summary>
    String,
    Number,
    Pipe,
    Assign,
    Declare,
    Comma,
    OpenParenthesis,
    CloseParenthesis,
    End,
}

/// <param name="At">Where in the template it begins.</param>
/// <param name="Glued">Nothing stands between it and the token before it: <c>.A.B</c> is a chain, <c>.A .B</c> are two words.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int At, bool Glued);
