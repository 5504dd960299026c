using System.Text;
using System.Text.Json;

namespace Strata.Dockerfile;

/// <summary>Reads the directives, which may only stand at the very top: the first line that is none ends them for good.</summary>
internal static class DirectiveReader
{
    /// <summary>Reads the directives and says in <paramref name="lines"/> how many lines they take.</summary>
    public static Directives Read(DockerfileText text, ErrorList errors, out int lines)
    {
        var directives = new Directives();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in text.Lines)
        {
            if (Match(line, "#", number + 1) is not { } directive)
            {
                break;
            }

            number++;
            if (!seen.Add(directive.Name))
            {
                errors.Add(SourceRange.Line(number), $"only one {directive.Name} parser directive can be used", "remove this line");
                continue;
            }

            directives = Apply(directives, directive, errors);
        }

        lines = number;
        Directive? check = directives.Check ?? Find(text, "#", "check");
        Directive? syntax = directives.Syntax ?? Find(text, "#", "syntax") ?? Find(text, "//", "syntax") ?? FromJson(text);
        return directives with { Check = check, Syntax = syntax };
    }

    private static Directives Apply(Directives directives, Directive directive, ErrorList errors)
    {
        SourceRange range = SourceRange.Line(directive.Line);
        switch (directive.Name)
        {
            case "syntax":
                return directives with { Syntax = directive };
            case "escape" when directive.Value is "\\" or "`":
                return directives with { Escape = directive, EscapeCharacter = directive.Value[0] };
            case "escape":
                errors.Add(range, $"invalid escape token '{directive.Value}' does not match ` or \\", "write # escape=` or # escape=\\");
                return directives;
            default:
                if (!CheckOptions.TryParse(directive.Value, out _, out string? problem))
                {
                    errors.Add(range, problem, "write # check=skip=RuleA,RuleB;error=true");
                }

                return directives with { Check = directive };
        }
    }

    /// <summary>
    /// All but <c>escape</c> may also stand below a <c>#!</c> line; a frontend also in <c>//</c> comments or in a JSON document.
    /// </summary>
    private static Directive? Find(DockerfileText text, string comment, string name)
    {
        bool hasShebang = text.Lines.Length > 0 && text.Lines[0].StartsWith("#!", StringComparison.Ordinal);
        for (int i = hasShebang ? 1 : 0; i < text.Lines.Length && Match(text.Lines[i], comment, i + 1) is { } directive; i++)
        {
            if (directive.Name == name)
            {
                return directive;
            }
        }

        return null;
    }

    private static Directive? FromJson(DockerfileText text)
    {
        if (text.Lines.FirstOrDefault(line => line.Trim().Length > 0) is not { } first || !first.TrimStart().StartsWith('{'))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(string.Join('\n', text.Lines)));
            return document.RootElement.TryGetProperty("syntax", out JsonElement syntax) && syntax.ValueKind == JsonValueKind.String
                ? new Directive("syntax", syntax.GetString()!, 1)
                : null;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Directive? Match(string line, string comment, int number)
    {
        string text = WhiteSpace.TrimStart(line);
        if (!text.StartsWith(comment, StringComparison.Ordinal))
        {
            return null;
        }

        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            return null;
        }

        string name = WhiteSpace.Trim(text[comment.Length..equals]).ToLowerInvariant();
        string value = WhiteSpace.Trim(text[(equals + 1)..]);
        return name is "syntax" or "escape" or "check" && value.Length > 0 ? new Directive(name, value, number) : null;
    }
}
