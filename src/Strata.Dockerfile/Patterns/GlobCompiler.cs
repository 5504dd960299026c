using System.Text;

namespace Strata.Dockerfile;

/// <summary>Reads the text of a pattern: Go's <c>filepath.Match</c> syntax, in ignore patterns with <c>**</c> on top.</summary>
internal sealed class GlobCompiler(string pattern, bool doubleStar)
{
    public const string SyntaxError = "syntax error in pattern";

    private readonly Rune[] _runes = [.. pattern.EnumerateRunes()];
    private readonly List<GlobToken> _tokens = [];
    private readonly StringBuilder _literal = new();
    private int _position;

    /// <summary>Null when the pattern is malformed.</summary>
    public static GlobProgram? Compile(string pattern, bool doubleStar) => new GlobCompiler(pattern, doubleStar).Run();

    private GlobProgram? Run()
    {
        while (_position < _runes.Length)
        {
            Rune rune = _runes[_position++];
            switch (rune.Value)
            {
                case '*' when doubleStar && At('*'):
                    _position++;
                    // "**/" is one token: it may also stand for no folder at all.
                    if (At('/'))
                    {
                        _position++;
                    }

                    Add(new GlobToken(_position == _runes.Length ? GlobTokenKind.Everything : GlobTokenKind.Folders));
                    break;
                case '*':
                    Add(new GlobToken(GlobTokenKind.Star));
                    break;
                case '?':
                    Add(new GlobToken(GlobTokenKind.One));
                    break;
                case '[':
                    if (ReadClass() is not { } set)
                    {
                        return null;
                    }

                    Add(set);
                    break;
                case '\\':
                    if (_position == _runes.Length)
                    {
                        return null;
                    }

                    _literal.Append(_runes[_position++].ToString());
                    break;
                default:
                    _literal.Append(rune.ToString());
                    break;
            }
        }

        EndLiteral();
        return new GlobProgram([.. _tokens]);
    }

    private bool At(char c) => _position < _runes.Length && _runes[_position].Value == c;

    private void Add(GlobToken token)
    {
        EndLiteral();
        _tokens.Add(token);
    }

    private void EndLiteral()
    {
        if (_literal.Length > 0)
        {
            _tokens.Add(new GlobToken(GlobTokenKind.Literal) { Bytes = Encoding.UTF8.GetBytes(_literal.ToString()) });
            _literal.Clear();
        }
    }

    private GlobToken? ReadClass()
    {
        bool negated = At('^');
        if (negated)
        {
            _position++;
        }

        var ranges = new List<(Rune, Rune)>();
        while (!At(']') || ranges.Count == 0)
        {
            if (ReadClassRune() is not { } first)
            {
                return null;
            }

            Rune last = first;
            if (At('-'))
            {
                _position++;
                if (ReadClassRune() is not { } end)
                {
                    return null;
                }

                last = end;
            }

            // Docker hands ignore patterns to a regular expression, which refuses a range that runs backwards.
            if (last < first && doubleStar)
            {
                return null;
            }

            ranges.Add((first, last));
        }

        _position++;
        return new GlobToken(GlobTokenKind.Class) { Ranges = [.. ranges], IsNegated = negated };
    }

    /// <summary>A character of a class; something must follow it, if only the bracket.</summary>
    private Rune? ReadClassRune()
    {
        if (_position >= _runes.Length || At('-') || At(']'))
        {
            return null;
        }

        if (At('\\'))
        {
            _position++;
        }

        return _position + 1 < _runes.Length ? _runes[_position++] : null;
    }
}
