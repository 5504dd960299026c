using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>A <c>--mount</c> as written. Its values may hold variables, so what it mounts is known only where it is built.</summary>
public sealed record MountFlag
{
    private MountFlag(string text, SourceRange range, char escape, ImmutableArray<(string Key, string? Value)> fields)
    {
        Text = text;
        Range = range;
        Escape = escape;
        Fields = fields;
    }

    public string Text { get; }

    public SourceRange Range { get; }

    /// <summary>The stage, image or context it takes from. Never holds a variable, so the graph is known without expansion.</summary>
    public string? From => Fields.LastOrDefault(pair => pair.Key == "from").Value;

    internal char Escape { get; }

    internal ImmutableArray<(string Key, string? Value)> Fields { get; }

    /// <summary>Expands the values and says what is to be mounted; <paramref name="lookup"/> is as for <see cref="Expansion"/>.</summary>
    public bool TryResolve(
        Func<string, string?> lookup,
        [NotNullWhen(true)] out Mount? mount,
        [NotNullWhen(false)] out DockerfileError? problem)
    {
        var errors = new ErrorList();
        mount = new MountReader(this, errors).Read(lookup);
        problem = mount is null ? errors.ToImmutable()[0] : null;
        return mount is not null;
    }

    internal static MountFlag? Read(string text, SourceRange range, char escape, ErrorList errors)
    {
        if (SplitCsv(text) is not { } parts)
        {
            errors.Add(range, $"failed to parse csv mounts: quotes in {GoQuote.Quote(text)} do not match");
            return null;
        }

        var fields = ImmutableArray.CreateBuilder<(string, string?)>();
        foreach (string part in parts)
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string key = (equals < 0 ? part : part[..equals]).ToLowerInvariant();
            string? value = equals < 0 ? null : part[(equals + 1)..];
            if (key == "from" && value is not null && value.AsSpan(..^Math.Min(1, value.Length)).Contains('$'))
            {
                errors.Add(range, "'from' doesn't support variable expansion, define alias stage instead");
                return null;
            }

            fields.Add((key, value));
        }

        return new MountFlag(text, range, escape, fields.ToImmutable());
    }

    /// <summary>One line of CSV; null when its quotes are wrong.</summary>
    private static List<string>? SplitCsv(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : ',';
            if (quoted && i == text.Length)
            {
                return null;
            }

            if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else if (c != '"')
            {
                field.Append(c);
            }
            else if (quoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append(text[++i]);
            }
            else if (quoted ? i + 1 < text.Length && text[i + 1] != ',' : i > 0 && text[i - 1] != ',')
            {
                return null;
            }
            else
            {
                quoted = !quoted;
            }
        }

        return fields;
    }
}
