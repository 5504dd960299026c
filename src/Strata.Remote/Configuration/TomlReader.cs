using System.Globalization;
using System.Text;

namespace Strata.Remote.Configuration;

/// <summary>
/// Reads the part of TOML 1.0 that configuration files of registries are written in: tables, arrays of tables, dotted keys, inline
/// tables, strings of all four kinds, integers, booleans, arrays. Dates and floats, which no such file has, are refused. Tables are
/// dictionaries, arrays lists, integers <see cref="long"/>.
/// </summary>
internal sealed class TomlReader
{
    private const int MaxDepth = 16;
    private readonly string _text;
    private readonly string _file;
    private readonly Dictionary<string, object> _root = new(StringComparer.Ordinal);
    private int _at;

    private TomlReader(string text, string file) => (_text, _file) = (text, file);

    /// <exception cref="RegistryConfigurationException">It is no TOML, with the line.</exception>
    public static Dictionary<string, object> Read(string text, string file)
    {
        var reader = new TomlReader(text, file);
        reader.ReadDocument();
        return reader._root;
    }

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    private void ReadDocument()
    {
        var table = _root;
        while (SkipToContent())
        {
            if (Current == '[')
            {
                table = ReadHeader();
            }
            else
            {
                ReadPair(table, depth: 0);
            }
            EndLine();
        }
    }

    private Dictionary<string, object> ReadHeader()
    {
        _at++;
        var isArray = Take('[');
        var path = ReadKey();
        Expect(']');
        if (isArray)
        {
            Expect(']');
        }
        var parent = Descend(_root, path.AsSpan(0, path.Length - 1));
        var last = path[^1];
        if (!isArray)
        {
            return Descend(parent, [last]);
        }
        var table = new Dictionary<string, object>(StringComparer.Ordinal);
        if (!parent.TryGetValue(last, out var existing))
        {
            parent[last] = new List<object> { table };
        }
        else if (existing is List<object> list && list.TrueForAll(static item => item is Dictionary<string, object>))
        {
            list.Add(table);
        }
        else
        {
            throw Wrong($"'{last}' is something else already");
        }
        return table;
    }

    private void ReadPair(Dictionary<string, object> table, int depth)
    {
        var path = ReadKey();
        Expect('=');
        SkipBlanks();
        var value = ReadValue(depth);
        if (!Descend(table, path.AsSpan(0, path.Length - 1)).TryAdd(path[^1], value))
        {
            throw Wrong($"'{path[^1]}' is set twice");
        }
    }

    private Dictionary<string, object> Descend(Dictionary<string, object> table, ReadOnlySpan<string> path)
    {
        foreach (var part in path)
        {
            if (!table.TryGetValue(part, out var next))
            {
                table[part] = next = new Dictionary<string, object>(StringComparer.Ordinal);
            }
            // A header below an array of tables speaks of its last one.
            table = next as Dictionary<string, object> ?? (next as List<object>)?.LastOrDefault() as Dictionary<string, object>
                ?? throw Wrong($"'{part}' is no table");
        }
        return table;
    }

    private string[] ReadKey()
    {
        var parts = new List<string>();
        do
        {
            SkipBlanks();
            if (parts.Count == MaxDepth)
            {
                throw Wrong("a key has too many parts");
            }
            parts.Add(Current is '"' or '\'' ? ReadString() : ReadBareKey());
            SkipBlanks();
        }
        while (Take('.'));
        return [.. parts];
    }

    private string ReadBareKey()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '-' or '_')
        {
            _at++;
        }
        return _at > start ? _text[start.._at] : throw Wrong("a key is missing; one with other signs than letters, digits, - and _ stands in quotes");
    }

    private object ReadValue(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Wrong("values are nested too deeply");
        }
        switch (Current)
        {
            case '"' or '\'':
                return ReadString();
            case '[':
                return ReadArray(depth);
            case '{':
                return ReadInlineTable(depth);
        }
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '+' or '-' or '_' or '.' or ':')
        {
            _at++;
        }
        var word = _text[start.._at];
        return word switch
        {
            "true" => true,
            "false" => false,
            _ when long.TryParse(word.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            "" => throw Wrong("a value is missing"),
            _ => throw Wrong($"'{word}' is no value; texts stand in quotes"),
        };
    }

    private List<object> ReadArray(int depth)
    {
        _at++;
        var items = new List<object>();
        while (true)
        {
            if (!SkipToContent())
            {
                throw Wrong("an array has no end");
            }
            if (Take(']'))
            {
                return items;
            }
            items.Add(ReadValue(depth + 1));
            SkipToContent();
            if (!Take(',') && Current != ']')
            {
                throw Wrong("a comma is missing in an array");
            }
        }
    }

    private Dictionary<string, object> ReadInlineTable(int depth)
    {
        _at++;
        var table = new Dictionary<string, object>(StringComparer.Ordinal);
        SkipBlanks();
        if (Take('}'))
        {
            return table;
        }
        do
        {
            ReadPair(table, depth + 1);
            SkipBlanks();
        }
        while (Take(','));
        Expect('}');
        return table;
    }

    private string ReadString()
    {
        var quote = Current;
        var isLong = _text.AsSpan(_at).StartsWith(new string(quote, 3));
        _at += isLong ? 3 : 1;
        if (isLong)
        {
            // The line break right after the quotes does not belong to the text.
            _ = Take('\r');
            _ = Take('\n');
        }
        var value = new StringBuilder();
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (isLong ? _text.AsSpan(_at).StartsWith(new string(quote, 3)) : c == quote)
            {
                _at += isLong ? 3 : 1;
                return value.ToString();
            }
            if (c == '\n' && !isLong)
            {
                break;
            }
            _at++;
            if (c == '\\' && quote == '"')
            {
                ReadEscape(value, isLong);
            }
            else
            {
                value.Append(c);
            }
        }
        throw Wrong("a text has no end");
    }

    private void ReadEscape(StringBuilder value, bool isLong)
    {
        var c = Current;
        _at++;
        switch (c)
        {
            case 'b': value.Append('\b'); break;
            case 't': value.Append('\t'); break;
            case 'n': value.Append('\n'); break;
            case 'f': value.Append('\f'); break;
            case 'r': value.Append('\r'); break;
            case '"' or '\\': value.Append(c); break;
            case 'u': value.Append(ReadCodePoint(4)); break;
            case 'U': value.Append(ReadCodePoint(8)); break;
            case '\n' or '\r' when isLong:
                while (char.IsWhiteSpace(Current))
                {
                    _at++;
                }
                break;
            default: throw Wrong($"'\\{c}' means nothing in a text; a backslash itself is written twice");
        }
    }

    private string ReadCodePoint(int digits)
    {
        if (_at + digits <= _text.Length && int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
        {
            _at += digits;
            return new Rune(code).ToString();
        }
        throw Wrong("that is no code of a character");
    }

    /// <summary>Over blanks, line ends and comments; false at the end of the file.</summary>
    private bool SkipToContent()
    {
        while (_at < _text.Length)
        {
            if (Current == '#')
            {
                SkipComment();
            }
            else if (Current is ' ' or '\t' or '\r' or '\n' or '\uFEFF')
            {
                _at++;
            }
            else
            {
                return true;
            }
        }
        return false;
    }

    private void EndLine()
    {
        SkipBlanks();
        if (Current == '#')
        {
            SkipComment();
        }
        _ = Take('\r');
        if (_at < _text.Length && !Take('\n'))
        {
            throw Wrong($"'{Current}' is not expected here");
        }
    }

    private void SkipComment()
    {
        var end = _text.IndexOf('\n', _at);
        _at = end < 0 ? _text.Length : end;
    }

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            _at++;
        }
    }

    private bool Take(char c)
    {
        if (Current != c || _at == _text.Length)
        {
            return false;
        }
        _at++;
        return true;
    }

    private void Expect(char c)
    {
        SkipBlanks();
        if (!Take(c))
        {
            throw Wrong($"'{c}' is missing");
        }
    }

    private RegistryConfigurationException Wrong(string problem) =>
        new($"{_file}, line {_text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1}: {problem}.");
}
