namespace Strata.Dockerfile;

/// <summary>Ends the expansion of a word; never leaves the lexer.</summary>
internal sealed class ShellSyntaxException(string message) : Exception(message);
