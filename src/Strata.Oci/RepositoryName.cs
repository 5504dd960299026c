using System.Diagnostics.CodeAnalysis;

namespace Strata.Oci;

/// <summary>
/// A repository's name inside a registry (distribution-spec, "Pulling manifests": lower-case components separated by slashes).
/// </summary>
public readonly record struct RepositoryName : ISpanParsable<RepositoryName>
{
    /// <summary>In characters, as Docker limits it.</summary>
    public const int MaxLength = 255;

    private readonly string? _text;

    private RepositoryName(string text) => _text = text;

    public override string ToString() => _text ?? throw new InvalidOperationException("This repository name was never set.");

    public static bool TryParse(ReadOnlySpan<char> s, out RepositoryName result)
    {
        result = default;
        if (s.Length is 0 or > MaxLength)
        {
            return false;
        }
        var rest = s;
        while (true)
        {
            var slash = rest.IndexOf('/');
            if (!IsComponent(slash < 0 ? rest : rest[..slash]))
            {
                return false;
            }
            if (slash < 0)
            {
                result = new RepositoryName(s.ToString());
                return true;
            }
            rest = rest[(slash + 1)..];
        }
    }

    public static bool TryParse([NotNullWhen(true)] string? s, out RepositoryName result) => TryParse(s.AsSpan(), out result);

    public static RepositoryName Parse(string s) => TryParse(s, out var name)
        ? name
        : throw new FormatException($"'{s}' is no repository name; use lower-case letters, digits and single '.', '_', '__' or '-' between them, in parts separated by '/'.");

    // [a-z0-9]+ ((\.|_|__|-+) [a-z0-9]+)*
    private static bool IsComponent(ReadOnlySpan<char> part)
    {
        var i = 0;
        while (true)
        {
            var start = i;
            while (i < part.Length && (char.IsAsciiLetterLower(part[i]) || char.IsAsciiDigit(part[i])))
            {
                i++;
            }
            if (i == start)
            {
                return false;
            }
            if (i == part.Length)
            {
                return true;
            }
            switch (part[i])
            {
                case '.':
                    i++;
                    break;
                case '_':
                    i += i + 1 < part.Length && part[i + 1] == '_' ? 2 : 1;
                    break;
                case '-':
                    while (i < part.Length && part[i] == '-')
                    {
                        i++;
                    }
                    break;
                default:
                    return false;
            }
        }
    }

    static bool ISpanParsable<RepositoryName>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out RepositoryName result) => TryParse(s, out result);
    static RepositoryName ISpanParsable<RepositoryName>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());
    static bool IParsable<RepositoryName>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RepositoryName result) => TryParse(s, out result);
    static RepositoryName IParsable<RepositoryName>.Parse(string s, IFormatProvider? provider) => Parse(s);
}
