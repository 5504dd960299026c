using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Strata.Dockerfile;

internal enum JsonArgumentsResult
{
    /// <summary>Not JSON at all: the shell or list form is meant.</summary>
    NotJson,
    Strings,

    /// <summary>A JSON array with something else than strings in it.</summary>
    NotStrings,
}

/// <summary>Reads the JSON form of arguments. Anything that is not well-formed is silently the other form; users rely on that.</summary>
internal static class JsonArguments
{
    private const int MaxDepth = 512;

    public static JsonArgumentsResult Read(string text, out ImmutableArray<string> values)
    {
        values = [];
        text = WhiteSpace.TrimStart(text);
        if (!text.StartsWith('['))
        {
            return JsonArgumentsResult.NotJson;
        }

        var strings = ImmutableArray.CreateBuilder<string>();
        bool onlyStrings = true;
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            while (reader.Read())
            {
                if (reader.CurrentDepth > 1 || reader.TokenType == JsonTokenType.EndArray)
                {
                    continue;
                }

                if (reader.TokenType == JsonTokenType.String)
                {
                    string raw = Encoding.UTF8.GetString(reader.ValueSpan);
                    strings.Add(reader.ValueIsEscaped ? Unescape(raw) : raw);
                }
                else
                {
                    onlyStrings = false;
                }
            }
        }
        catch (JsonException)
        {
            return JsonArgumentsResult.NotJson;
        }

        if (!onlyStrings)
        {
            return JsonArgumentsResult.NotStrings;
        }

        values = strings.ToImmutable();
        return JsonArgumentsResult.Strings;
    }

    /// <summary>The reader has checked the escapes; half a surrogate pair becomes U+FFFD, where .NET would throw.</summary>
    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            if (raw[i] != 'u')
            {
                text.Append(raw[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var c => c });
                continue;
            }

            char unit = Unit(raw, i);
            i += 4;
            if (char.IsHighSurrogate(unit) && raw.AsSpan(i + 1).StartsWith("\\u", StringComparison.Ordinal)
                && char.IsLowSurrogate(Unit(raw, i + 2)))
            {
                text.Append(unit).Append(Unit(raw, i + 2));
                i += 6;
            }
            else
            {
                text.Append(char.IsSurrogate(unit) ? '\uFFFD' : unit);
            }
        }

        return text.ToString();
    }

    private static char Unit(string raw, int u) =>
        (char)ushort.Parse(raw.AsSpan(u + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
