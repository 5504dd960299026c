using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Remote.Authentication;

/// <summary>
/// Reads challenge after challenge from one header. A comma separates parameters as it separates challenges: what follows it is a
/// parameter when an equals sign follows the word, else the next scheme.
/// </summary>
internal ref struct ChallengeReader(ReadOnlySpan<char> header)
{
    // RFC 7230, section 3.2.6.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    // Not in the grammar of a token, but servers send URLs and scopes without quotes.
    private static readonly SearchValues<char> LenientCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:/?@=");

    private ReadOnlySpan<char> _rest = header;

    public bool TryReadChallenge([NotNullWhen(true)] out AuthChallenge? challenge)
    {
        challenge = null;
        SkipSeparators();
        var scheme = ReadWord(TokenCharacters);
        if (scheme.IsEmpty)
        {
            return false;
        }
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (TryReadParameter(out var name, out var value))
        {
            parameters.TryAdd(name, value);
        }
        challenge = new AuthChallenge(scheme.ToString().ToLowerInvariant(), parameters);
        return true;
    }

    private bool TryReadParameter([NotNullWhen(true)] out string? name, [NotNullWhen(true)] out string? value)
    {
        (name, value) = (null, null);
        var start = _rest;
        SkipSeparators();
        var word = ReadWord(TokenCharacters);
        SkipBlanks();
        if (word.IsEmpty || _rest is not ['=', ..])
        {
            // The next scheme, or nothing that can be read: then there is no next one either.
            _rest = word.IsEmpty ? default : StartsChallenge(start) ? start : default;
            return false;
        }
        _rest = _rest[1..];
        SkipBlanks();
        value = _rest is ['"', ..] ? ReadQuoted() : ReadWord(LenientCharacters).ToString() is { Length: > 0 } bare ? bare : null;
        if (value is null)
        {
            _rest = default;
            return false;
        }
        name = word.ToString();
        return true;
    }

    // A scheme after a comma; a lone word right behind a scheme would be a token68, which no registry sends.
    private static bool StartsChallenge(ReadOnlySpan<char> text) => text.TrimStart(" \t").StartsWith(",");

    private string? ReadQuoted()
    {
        var value = new StringBuilder();
        for (var i = 1; i < _rest.Length; i++)
        {
            if (_rest[i] == '"')
            {
                _rest = _rest[(i + 1)..];
                return value.ToString();
            }
            if (_rest[i] == '\\' && i + 1 < _rest.Length)
            {
                i++;
            }
            value.Append(_rest[i]);
        }
        return null;
    }

    private ReadOnlySpan<char> ReadWord(SearchValues<char> characters)
    {
        var end = _rest.IndexOfAnyExcept(characters);
        var word = end < 0 ? _rest : _rest[..end];
        _rest = _rest[word.Length..];
        return word;
    }

    private void SkipSeparators() => _rest = _rest.TrimStart(" \t,");

    private void SkipBlanks() => _rest = _rest.TrimStart(" \t");
}
