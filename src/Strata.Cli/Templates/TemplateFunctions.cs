using System.Globalization;
using System.Text;

namespace Strata.Cli.Templates;

/// <summary>Go's functions of templates, and docker's: json, join, split, lower, upper, title, pad, truncate.</summary>
internal static class TemplateFunctions
{
    private const int LongestText = 16 * 1024 * 1024;
    private const int LongestPad = 10_000;
    private const int MostPieces = 10_000;

    private static readonly Dictionary<string, (int Least, int Most, Func<int, Value[], Value> Body)> Table = new(StringComparer.Ordinal)
    {
        // These two choose what they evaluate: TemplateRun has them.
        ["and"] = (1, int.MaxValue, static (_, arguments) => arguments[^1]),
        ["or"] = (1, int.MaxValue, static (_, arguments) => arguments[^1]),
        ["not"] = (1, 1, static (_, arguments) => !TemplateRun.IsTrue(arguments[0])),
        ["eq"] = (2, int.MaxValue, static (at, arguments) => arguments.Skip(1).Any(other => Comparison.AreEqual(at, arguments[0], other))),
        ["ne"] = (2, 2, static (at, arguments) => !Comparison.AreEqual(at, arguments[0], arguments[1])),
        ["lt"] = (2, 2, static (at, arguments) => Comparison.Order(at, arguments[0], arguments[1]) < 0),
        ["le"] = (2, 2, static (at, arguments) => Comparison.Order(at, arguments[0], arguments[1]) <= 0),
        ["gt"] = (2, 2, static (at, arguments) => Comparison.Order(at, arguments[0], arguments[1]) > 0),
        ["ge"] = (2, 2, static (at, arguments) => Comparison.Order(at, arguments[0], arguments[1]) >= 0),
        ["len"] = (1, 1, static (at, arguments) => Length(at, arguments[0])),
        ["index"] = (1, int.MaxValue, static (at, arguments) => arguments.Skip(1).Aggregate(arguments[0], (of, key) => Indexing.At(at, of, key))),
        ["slice"] = (1, 3, static (at, arguments) => Indexing.Slice(at, arguments)),
        ["print"] = (0, int.MaxValue, static (_, arguments) => Print(arguments)),
        ["println"] = (0, int.MaxValue, static (_, arguments) => string.Join(' ', arguments.Select(ValueText.Of)) + "\n"),
        ["printf"] = (1, int.MaxValue, static (at, arguments) => Formatting.Format(at, Text(at, arguments[0]), arguments.AsSpan(1), LongestText)),
        ["json"] = (1, 1, static (_, arguments) => ValueJson.Write(arguments[0])),
        ["join"] = (2, 2, static (at, arguments) => Join(at, Texts(at, arguments[0]), Text(at, arguments[1]))),
        ["split"] = (2, 2, static (at, arguments) => Split(at, Text(at, arguments[0]), Text(at, arguments[1]))),
        ["lower"] = (1, 1, static (at, arguments) => Text(at, arguments[0]).ToLowerInvariant()),
        ["upper"] = (1, 1, static (at, arguments) => Text(at, arguments[0]).ToUpperInvariant()),
        ["title"] = (1, 1, static (at, arguments) => Title(Text(at, arguments[0]))),
        ["pad"] = (3, 3, static (at, arguments) => Pad(at, Text(at, arguments[0]), Count(at, arguments[1]), Count(at, arguments[2]))),
        ["truncate"] = (2, 2, static (at, arguments) => Text(at, arguments[0]) is var text && Count(at, arguments[1]) is var most && most < text.Length ? text[..most] : text),
    };

    public static IEnumerable<string> Names => Table.Keys;

    public static bool Exists(string name) => Table.ContainsKey(name);

    public static Value Call(string name, int at, Value[] arguments)
    {
        var (least, most, body) = Table[name];
        if (arguments.Length < least || arguments.Length > most)
        {
            var wanted = least == most ? least.ToString(CultureInfo.InvariantCulture) : most == int.MaxValue ? $"{least} or more" : $"{least} to {most}";
            throw new TemplateException(at, $"{name} takes {wanted} {(most == 1 ? "value" : "values")}, and is given {arguments.Length}");
        }
        return body(at, arguments) is var result && result is not Value.Text { Content.Length: > LongestText }
            ? result
            : throw TooLong(at, LongestText);
    }

    internal static TemplateException TooLong(int at, int longest) => new(at, $"the result has more than {longest} characters");

    internal static string Text(int at, Value value) => value is Value.Text(var content)
        ? content
        : throw new TemplateException(at, $"a text is wanted here, not {ValueText.KindOf(value)}");

    private static string[] Texts(int at, Value value) => value is Value.List(var items)
        ? [.. items.Select(item => Text(at, item))]
        : throw new TemplateException(at, $"join takes a list of texts and what to put between, not {ValueText.KindOf(value)}");

    private static int Count(int at, Value value) => value is Value.Whole(>= 0 and <= LongestPad and var number)
        ? (int)number
        : throw new TemplateException(at, $"a number from 0 to {LongestPad} is wanted here");

    private static Value Length(int at, Value value) => value switch
    {
        // Go counts bytes.
        Value.Text(var content) => Encoding.UTF8.GetByteCount(content),
        Value.List(var items) => items.Count,
        Value.Map(var entries) => entries.Count,
        _ => throw new TemplateException(at, $"{ValueText.KindOf(value)} has no length"),
    };

    // Go puts a blank between two values where neither is a text.
    private static string Print(Value[] values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0 && values[i] is not Value.Text && values[i - 1] is not Value.Text)
            {
                text.Append(' ');
            }
            text.Append(ValueText.Of(values[i]));
        }
        return text.ToString();
    }

    private static string Join(int at, string[] texts, string between) =>
        texts.Sum(text => (long)text.Length) + ((long)between.Length * texts.Length) <= LongestText ? string.Join(between, texts) : throw TooLong(at, LongestText);

    private static Value.List Split(int at, string text, string separator)
    {
        var pieces = separator.Length == 0
            ? text.EnumerateRunes().Take(MostPieces + 1).Select(rune => rune.ToString())
            : text.Split(separator, MostPieces + 1);
        return Value.Of(pieces) is { Items.Count: <= MostPieces } list
            ? list
            : throw new TemplateException(at, $"a text is split into {MostPieces} pieces at most");
    }

    private static string Title(string text)
    {
        var title = new StringBuilder(text);
        for (var i = 0; i < title.Length; i++)
        {
            if (i == 0 || char.IsWhiteSpace(title[i - 1]) || (char.IsAscii(title[i - 1]) && title[i - 1] != '_' && !char.IsLetterOrDigit(title[i - 1])))
            {
                title[i] = char.ToUpperInvariant(title[i]);
            }
        }
        return title.ToString();
    }

    private static string Pad(int at, string text, int before, int after) => text.Length == 0 ? "" : new string(' ', before) + text + new string(' ', after);
}
