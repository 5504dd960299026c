using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>The shapes the arguments of a statement come in.</summary>
internal abstract record ArgumentSyntax
{
    private ArgumentSyntax()
    {
    }

    public sealed record Nothing : ArgumentSyntax;

    /// <summary>Words, separated by blanks or written as a JSON array of strings.</summary>
    public sealed record Words(ImmutableArray<string> Values, bool IsJson) : ArgumentSyntax;

    /// <summary>The rest of the line as it is.</summary>
    public sealed record Text(string Value) : ArgumentSyntax;

    /// <summary><c>name=value</c> pairs, quotes kept; or one pair in the old form <c>name rest of the line</c>.</summary>
    public sealed record Pairs(ImmutableArray<KeyValue> Values, bool IsLegacy) : ArgumentSyntax;

    public sealed record HealthCheck(string Type, ArgumentSyntax Test) : ArgumentSyntax;

    public sealed record Trigger(Statement Statement) : ArgumentSyntax;
}
