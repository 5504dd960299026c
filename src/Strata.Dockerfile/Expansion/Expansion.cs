namespace Strata.Dockerfile;

/// <summary>
/// Replaces variables and removes quotes as the Dockerfile language does. It resembles a shell but is none;
/// nothing is ever executed.
/// </summary>
public static class Expansion
{
    /// <summary>More nested <c>${a:-${b:-…}}</c> than this is an error.</summary>
    public const int MaxDepth = 100;

    /// <summary>A result longer than this is an error: a file can double a variable in every line.</summary>
    public const int MaxLength = 32 * 1024 * 1024;

    /// <summary>Expands one word; <paramref name="lookup"/> gives the value of a variable, or null when it has none.</summary>
    public static ExpansionResult Expand(string word, Func<string, string?> lookup, char escape = '\\') =>
        new ShellLexer(word, lookup, escape, processQuotes: true).Run();

    /// <summary>Expands the body of an unquoted heredoc of COPY or ADD: quotes mean nothing and the escape is always a backslash.</summary>
    public static ExpansionResult ExpandHeredoc(string body, Func<string, string?> lookup) =>
        new ShellLexer(body, lookup, '\\', processQuotes: false).Run();
}
