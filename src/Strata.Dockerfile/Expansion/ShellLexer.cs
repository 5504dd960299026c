using System.Collections.Immutable;
using System.Text;

namespace Strata.Dockerfile;

/// <summary>One walk over one word.</summary>
internal sealed class ShellLexer(string source, Func<string, string?> lookup, char escape, bool processQuotes)
{
    private const int End = -1;

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly HashSet<string> _undefined = new(StringComparer.Ordinal);
    private int _position;
    private int _depth;

    public ExpansionResult Run()
    {
        string? error = null;
        string text = "";
        ImmutableArray<string> words = [];
        try
        {
            SplitText result = ReadUntil(End, keepEscapes: false);
            text = result.ToString();
            words = result.ToWords();
        }
        catch (ShellSyntaxException problem)
        {
            error = $"failed to process {GoQuote.Quote(Shorten(source))}: {problem.Message}";
        }

        return new ExpansionResult
        {
            Error = error,
            Text = text,
            Words = words,
            Used = [.. _used],
            Undefined = [.. _undefined],
        };
    }

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private int Peek() => _position < source.Length ? source[_position] : End;

    private int Next() => _position < source.Length ? source[_position++] : End;

    private SplitText ReadUntil(int stop, bool keepEscapes)
    {
        if (++_depth > Expansion.MaxDepth)
        {
            throw new ShellSyntaxException(string.Create(null, $"substitutions are nested more than {Expansion.MaxDepth} deep"));
        }

        var result = new SplitText();
        for (int next = Peek(); next != End; next = Peek())
        {
            if (next == stop)
            {
                _position++;
                _depth--;
                return result;
            }

            switch (next)
            {
                case '$':
                    result.Add(ReadDollar());
                    continue;
                case '\'' when processQuotes:
                    result.AddWhole(ReadSingleQuoted());
                    continue;
                case '"' when processQuotes:
                    result.AddWhole(ReadDoubleQuoted(keepEscapes));
                    continue;
            }

            char c = (char)Next();
            if (c != escape)
            {
                result.Add(c);
                continue;
            }

            if (keepEscapes)
            {
                result.AddWhole(c);
            }

            // An escape at the end is dropped.
            if (Next() is not End and int escaped)
            {
                result.AddWhole((char)escaped);
            }
        }

        _depth--;
        return stop == End ? result : throw new ShellSyntaxException(
            stop == '/' ? "syntax error: missing '/' in ${}" : "syntax error: missing '}'");
    }

    private string ReadSingleQuoted()
    {
        int start = ++_position;
        int end = source.IndexOf('\'', start);
        if (end < 0)
        {
            throw new ShellSyntaxException("unexpected end of statement while looking for matching single-quote");
        }

        _position = end + 1;
        return source[start..end];
    }

    private string ReadDoubleQuoted(bool keepEscapes)
    {
        _position++;
        var result = new StringBuilder();
        while (true)
        {
            switch (Peek())
            {
                case End:
                    throw new ShellSyntaxException("unexpected end of statement while looking for matching double-quote");
                case '"':
                    _position++;
                    return result.ToString();
                case '$':
                    result.Append(ReadDollar());
                    continue;
            }

            char c = (char)Next();
            if (c == escape)
            {
                if (keepEscapes)
                {
                    result.Append(c);
                }

                int escaped = Peek();
                if (escaped == End)
                {
                    continue;
                }

                if (escaped is '"' or '$' || escaped == escape)
                {
                    c = (char)Next();
                }
            }

            result.Append(c);
        }
    }

    private string ReadDollar()
    {
        _position++;
        if (Peek() != '{')
        {
            string plain = ReadName();
            return plain.Length == 0 ? "$" : Value(plain, guarded: false) ?? "";
        }

        _position++;
        switch (Peek())
        {
            case End:
                throw new ShellSyntaxException("syntax error: missing '}'");
            case '{' or '}' or ':':
                throw new ShellSyntaxException("syntax error: bad substitution");
        }

        string name = ReadName();
        int operation = Next();
        switch (operation)
        {
            case End:
                throw new ShellSyntaxException("syntax error: missing '}'");
            case '}':
                return Value(name, guarded: false) ?? "";
            case ':':
                return Substitute(name, Next(), emptyIsUnset: true);
            case '/':
                return Replace(name);
            default:
                return Substitute(name, operation, emptyIsUnset: false);
        }
    }

    private string Substitute(string name, int operation, bool emptyIsUnset)
    {
        if (operation == End)
        {
            throw new ShellSyntaxException("syntax error: missing '}'");
        }

        bool isTrim = operation is '#' or '%';
        if (operation is not ('+' or '-' or '?') && (emptyIsUnset || !isTrim))
        {
            throw new ShellSyntaxException($"unsupported modifier ({(emptyIsUnset ? ":" : "")}{(char)operation}) in substitution");
        }

        string word = ReadUntil('}', keepEscapes: isTrim).ToString();
        string? value = Value(name, guarded: !isTrim);
        bool missing = value is null || (emptyIsUnset && value.Length == 0);
        switch (operation)
        {
            case '-':
                return missing ? word : value!;
            case '+':
                return missing ? "" : word;
            case '?' when missing:
                string reason = word.Length > 0 ? word : value is null ? "is not allowed to be unset" : "is not allowed to be empty";
                throw new ShellSyntaxException($"{name}: {reason}");
            case '?':
                return value!;
        }

        bool longest = word.StartsWith((char)operation);
        string pattern = longest ? word[1..] : word;
        return operation == '#'
            ? ShellPattern.Parse(pattern).TrimPrefix(value ?? "", longest)
            : ShellPattern.Parse(pattern).TrimSuffix(value ?? "", longest);
    }

    private string Replace(string name)
    {
        bool all = Peek() == '/';
        if (all)
        {
            _position++;
        }

        string pattern = ReadUntil('/', keepEscapes: true).ToString();
        string replacement = ReadUntil('}', keepEscapes: true).ToString();
        string value = Value(name, guarded: false) ?? "";
        ShellPattern compiled = ShellPattern.Parse(pattern);
        return all ? compiled.ReplaceAll(value, replacement) : compiled.ReplaceFirst(value, replacement);
    }

    /// <summary>A name, a run of digits, or one special parameter. Empty when there is none.</summary>
    private string ReadName()
    {
        int start = _position;
        if (Peek() is not End and int first)
        {
            if (IsDigit((char)first))
            {
                while (Peek() is not End and int digit && IsDigit((char)digit))
                {
                    _position++;
                }

                return source[start.._position];
            }

            if ((char)first is '@' or '*' or '#' or '?' or '-' or '$' or '!')
            {
                _position++;
                return source[start.._position];
            }
        }

        while (_position < source.Length && Rune.TryGetRuneAt(source, _position, out Rune rune)
            && (Rune.IsLetter(rune) || IsDigit(rune) || rune.Value == '_'))
        {
            _position += rune.Utf16SequenceLength;
        }

        return source[start.._position];
    }

    private static bool IsDigit(char c) => char.IsDigit(c);

    private static bool IsDigit(Rune rune) => Rune.IsDigit(rune);

    private string? Value(string name, bool guarded)
    {
        string? value = lookup(name);
        if (value is not null)
        {
            _used.Add(name);
        }
        else if (!guarded)
        {
            _undefined.Add(name);
        }

        return value;
    }
}
