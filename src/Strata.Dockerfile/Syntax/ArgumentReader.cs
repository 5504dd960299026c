using System.Collections.Immutable;

namespace Strata.Dockerfile;

/// <summary>Gives the arguments of each instruction their shape.</summary>
internal sealed class ArgumentReader(char escape, ErrorList errors)
{
    // ONBUILD ONBUILD is refused later, so two levels are enough to say so.
    private const int MaxTriggerDepth = 2;

    private static readonly ArgumentSyntax Nothing = new ArgumentSyntax.Nothing();

    /// <summary>Splits one joined line. Null when its arguments cannot be read; the error says why.</summary>
    public Statement? Read(string line, SourceRange range, int depth = 0)
    {
        string keyword = WhiteSpace.CutAtBlank(WhiteSpace.Trim(line), out string? rest);
        ImmutableArray<string> flags = FlagSplitter.Split(rest ?? "", out string text);
        ArgumentSyntax? arguments = keyword.ToUpperInvariant() switch
        {
            "ADD" or "COPY" or "VOLUME" => JsonOr(text, range, Words),
            "RUN" or "CMD" or "ENTRYPOINT" or "SHELL" => JsonOr(text, range, Text),
            "ENV" or "LABEL" => Pairs(keyword.ToUpperInvariant(), text, range),
            "ARG" => text.Length == 0 ? Nothing : new ArgumentSyntax.Words(WordSplitter.Split(text, escape), IsJson: false),
            "EXPOSE" or "FROM" => Words(text),
            "HEALTHCHECK" => HealthCheck(text, range),
            "MAINTAINER" or "STOPSIGNAL" or "USER" or "WORKDIR" => Text(text),
            "ONBUILD" => Trigger(text, range, depth),
            _ => Nothing,
        };
        return arguments is null
            ? null
            : new Statement { Keyword = keyword, Range = range, Original = line, Flags = flags, Arguments = arguments };
    }

    private static ArgumentSyntax Text(string text) => text.Length == 0 ? Nothing : new ArgumentSyntax.Text(text);

    private static ArgumentSyntax Words(string text)
    {
        if (text.Length == 0)
        {
            return Nothing;
        }

        var words = ImmutableArray.CreateBuilder<string>();
        for (string? rest = text; rest is not null;)
        {
            words.Add(WhiteSpace.CutAtBlank(rest, out rest));
        }

        return new ArgumentSyntax.Words(words.ToImmutable(), IsJson: false);
    }

    private ArgumentSyntax? JsonOr(string text, SourceRange range, Func<string, ArgumentSyntax> otherwise)
    {
        switch (JsonArguments.Read(text, out ImmutableArray<string> values))
        {
            case JsonArgumentsResult.Strings:
                return new ArgumentSyntax.Words(values, IsJson: true);
            case JsonArgumentsResult.NotStrings:
                errors.Add(
                    range, "when using JSON array syntax, arrays must be comprised of strings only", "put quotes around every element");
                return null;
            default:
                return otherwise(text);
        }
    }

    private ArgumentSyntax? Pairs(string keyword, string text, SourceRange range)
    {
        ImmutableArray<string> words = WordSplitter.Split(text, escape);
        if (words.IsEmpty)
        {
            return Nothing;
        }

        if (!words[0].Contains('=', StringComparison.Ordinal))
        {
            string name = WhiteSpace.CutAtBlank(text, out string? value);
            if (value is null)
            {
                errors.Add(range, $"{keyword} must have two arguments", $"write {keyword} {name}=value");
                return null;
            }

            return new ArgumentSyntax.Pairs([new KeyValue(name, value)], IsLegacy: true);
        }

        var pairs = ImmutableArray.CreateBuilder<KeyValue>(words.Length);
        foreach (string word in words)
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                errors.Add(
                    range,
                    $"Syntax error - can't find = in {GoQuote.Quote(word)}. Must be of the form: name=value",
                    "a value with blanks in it needs quotes");
                return null;
            }

            pairs.Add(new KeyValue(word[..equals], word[(equals + 1)..]));
        }

        return new ArgumentSyntax.Pairs(pairs.ToImmutable(), IsLegacy: false);
    }

    private ArgumentSyntax? HealthCheck(string text, SourceRange range)
    {
        int end = 0;
        while (end < text.Length && !WhiteSpace.IsSpace(text[end]))
        {
            end++;
        }

        if (end == 0)
        {
            return Nothing;
        }

        return JsonOr(WhiteSpace.TrimStart(text[end..]), range, Text) is { } test
            ? new ArgumentSyntax.HealthCheck(text[..end], test)
            : null;
    }

    private ArgumentSyntax? Trigger(string text, SourceRange range, int depth)
    {
        if (text.Length == 0 || depth >= MaxTriggerDepth)
        {
            return Nothing;
        }

        return Read(text, range, depth + 1) is { } statement ? new ArgumentSyntax.Trigger(statement) : null;
    }
}
