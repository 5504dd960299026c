using System.Text;

namespace Strata.Dockerfile.Tests;

/// <summary>Prints statements in the form of BuildKit's golden files.</summary>
internal static class SyntaxDump
{
    public static string Dump(IEnumerable<Statement> statements) =>
        string.Concat(statements.Select(statement => $"({Dump(statement)})\n"));

    private static string Dump(Statement statement)
    {
        var text = new StringBuilder(statement.Keyword.ToLowerInvariant());
        if (!statement.Flags.IsEmpty)
        {
            text.Append(" [").AppendJoin(' ', statement.Flags.Select(GoQuote.Quote)).Append(']');
        }

        return text.Append(Dump(statement.Arguments)).ToString();
    }

    private static string Dump(ArgumentSyntax arguments) => arguments switch
    {
        ArgumentSyntax.Words words => Quoted(words.Values),
        ArgumentSyntax.Text text => Quoted([text.Value]),
        ArgumentSyntax.Pairs pairs => Quoted(pairs.Values.SelectMany(pair => new[] { pair.Key, pair.Value, pairs.IsLegacy ? "" : "=" })),
        ArgumentSyntax.HealthCheck check => Quoted([check.Type]) + Dump(check.Test),
        ArgumentSyntax.Trigger trigger => $" ({Dump(trigger.Statement)})",
        _ => "",
    };

    private static string Quoted(IEnumerable<string> values) => string.Concat(values.Select(value => " " + GoQuote.Quote(value)));
}
