using System.Globalization;
using System.Text;

namespace Strata.Cli.Templates;

/// <summary>Go's text/template as tokens ("Text and spaces", "Actions").</summary>
internal sealed class TemplateLexer
{
    private const string Open = "{{";
    private const string Close = "}}";
    private readonly string _text;
    private readonly bool _escapes;
    private readonly List<Token> _tokens = [];
    private int _at;

    private TemplateLexer(string text, bool escapes) => (_text, _escapes) = (text, escapes);

    /// <param name="text">The template.</param>
    /// <param name="escapes">Docker's rule for lists: <c>\t</c> and <c>\n</c> between actions are a tab and a new line.</param>
    public static List<Token> Read(string text, bool escapes)
    {
        var lexer = new TemplateLexer(text, escapes);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        var trimStart = false;
        while (true)
        {
            var open = _text.IndexOf(Open, _at, StringComparison.Ordinal);
            var text = open < 0 ? _text[_at..] : _text[_at..open];
            var trimEnd = open >= 0 && IsTrim(open + Open.Length, before: false);
            Add(TokenKind.Text, Unescaped(Trim(text, trimStart, trimEnd)), _at);
            if (open < 0)
            {
                Add(TokenKind.End, "", _text.Length);
                return;
            }
            _at = open + Open.Length + (trimEnd ? 1 : 0);
            trimStart = ReadAction(open);
        }
    }

    /// <summary>Up to and with the closing braces; true when they trim the text behind them.</summary>
    private bool ReadAction(int open)
    {
        SkipBlanks();
        if (Starts("/*"))
        {
            var end = _text.IndexOf("*/", _at + "/*".Length, StringComparison.Ordinal);
            _at = end < 0 ? throw new TemplateException(open, "the comment is not closed; a comment is {{/* … */}}") : end + "*/".Length;
            SkipBlanks();
            return EndOfAction() ?? throw new TemplateException(_at, "behind a comment the action must end with }}");
        }
        Add(TokenKind.Open, Open, open);
        while (true)
        {
            var before = _at;
            SkipBlanks();
            if (_at >= _text.Length)
            {
                throw new TemplateException(open, "{{ is not closed by }}");
            }
            var start = _at;
            if (EndOfAction() is { } trims)
            {
                Add(TokenKind.Close, Close, start);
                return trims;
            }
            ReadToken(glued: before == _at);
        }
    }

    private void ReadToken(bool glued)
    {
        var start = _at;
        var c = _text[_at];
        switch (c)
        {
            case '"':
                Add(TokenKind.String, Quoted(), start, glued);
                return;
            case '`':
                var end = _text.IndexOf('`', start + 1);
                _at = end < 0 ? throw new TemplateException(start, "the text in ` is not closed") : end + 1;
                Add(TokenKind.String, _text[(start + 1)..end], start, glued);
                return;
            case '|' or ',' or '(' or ')' or '=':
                _at++;
                Add(Sign(c), c.ToString(), start, glued);
                return;
            case ':' when Starts(":="):
                _at += 2;
                Add(TokenKind.Declare, ":=", start, glued);
                return;
            case '.' when _at + 1 < _text.Length && IsWord(_text[_at + 1]) && !char.IsAsciiDigit(_text[_at + 1]):
                _at++;
                Add(TokenKind.Field, Word(), start, glued);
                return;
            case '.' when _at + 1 >= _text.Length || !char.IsAsciiDigit(_text[_at + 1]):
                _at++;
                Add(TokenKind.Dot, ".", start, glued);
                return;
            case '$':
                _at++;
                Add(TokenKind.Variable, "$" + Word(), start, glued);
                return;
            case '\'':
                Add(TokenKind.Number, Character(), start, glued);
                return;
        }
        if (char.IsAsciiDigit(c) || c is '.' or '+' or '-')
        {
            _at++;
            while (_at < _text.Length && (IsWord(_text[_at]) || _text[_at] == '.' || (_text[_at] is '+' or '-' && _text[_at - 1] is 'e' or 'E')))
            {
                _at++;
            }
            Add(TokenKind.Number, _text[start.._at], start, glued);
        }
        else if (IsWord(c))
        {
            Add(TokenKind.Word, Word(), start, glued);
        }
        else
        {
            throw new TemplateException(start, $"'{c}' has no meaning in a template");
        }
    }

    private string Word()
    {
        var start = _at;
        while (_at < _text.Length && IsWord(_text[_at]))
        {
            _at++;
        }
        return _text[start.._at];
    }

    // Go's interpreted strings; the language's specification calls them so.
    private string Quoted()
    {
        var start = _at++;
        var value = new StringBuilder();
        while (_at < _text.Length && _text[_at] is not '\n')
        {
            var c = _text[_at++];
            if (c == '"')
            {
                return value.ToString();
            }
            if (c == '\\')
            {
                Unescape(value);
            }
            else
            {
                value.Append(c);
            }
        }
        throw new TemplateException(start, "the text in \" is not closed");
    }

    private void Unescape(StringBuilder value)
    {
        var escape = _at < _text.Length ? _text[_at++] : '\0';
        switch (escape)
        {
            case 'n' or 't' or 'r' or 'a' or 'b' or 'f' or 'v':
                value.Append("\n\t\r\a\b\f\v"["ntrabfv".IndexOf(escape, StringComparison.Ordinal)]);
                break;
            case '\\' or '"' or '\'':
                value.Append(escape);
                break;
            case 'x' or 'u' or 'U':
                var digits = escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
                if (_at + digits > _text.Length || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
                {
                    throw new TemplateException(_at - 2, $"\\{escape} is followed by {digits} hexadecimal digits of a character");
                }
                _at += digits;
                value.Append(new Rune(code).ToString());
                break;
            default:
                throw new TemplateException(_at - 1, "this \\ escapes nothing; \\n, \\t, \\\" and \\\\ are known");
        }
    }

    // A rune constant is a number.
    private string Character()
    {
        var start = _at++;
        var value = new StringBuilder();
        while (_at < _text.Length && _text[_at] is not '\'' and not '\n')
        {
            var c = _text[_at++];
            if (c == '\\')
            {
                Unescape(value);
            }
            else
            {
                value.Append(c);
            }
        }
        if (_at >= _text.Length || _text[_at++] != '\'' || value.ToString().EnumerateRunes().Count() != 1)
        {
            throw new TemplateException(start, "between ' stands one character; a text is written in \"");
        }
        return value.ToString().EnumerateRunes().First().Value.ToString(CultureInfo.InvariantCulture);
    }

    private bool? EndOfAction()
    {
        var trims = IsTrim(_at, before: true) && string.CompareOrdinal(_text, _at + 1, Close, 0, Close.Length) == 0;
        if (!trims && !Starts(Close))
        {
            return null;
        }
        _at += Close.Length + (trims ? 1 : 0);
        return trims;
    }

    // "{{- " and " -}}": the blank belongs to the mark, else {{-3}} would be one.
    private bool IsTrim(int at, bool before) => at < _text.Length && _text[at] == '-'
        && (before ? at > 0 && IsBlank(_text[at - 1]) : at + 1 < _text.Length && IsBlank(_text[at + 1]));

    private void SkipBlanks()
    {
        while (_at < _text.Length && IsBlank(_text[_at]))
        {
            _at++;
        }
    }

    private bool Starts(string mark) => string.CompareOrdinal(_text, _at, mark, 0, mark.Length) == 0;

    private void Add(TokenKind kind, string text, int at, bool glued = false) => _tokens.Add(new Token(kind, text, at, glued));

    private string Unescaped(string text) => _escapes
        ? text.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal)
        : text;

    private static string Trim(string text, bool start, bool end)
    {
        ReadOnlySpan<char> blanks = [' ', '\t', '\r', '\n'];
        var span = text.AsSpan();
        span = start ? span.TrimStart(blanks) : span;
        return (end ? span.TrimEnd(blanks) : span).ToString();
    }

    private static TokenKind Sign(char c) => c switch
    {
        '|' => TokenKind.Pipe,
        ',' => TokenKind.Comma,
        '(' => TokenKind.OpenParenthesis,
        ')' => TokenKind.CloseParenthesis,
        _ => TokenKind.Assign,
    };

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c);
}
