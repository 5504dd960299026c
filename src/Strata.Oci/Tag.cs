using System.Diagnostics.CodeAnalysis;

namespace Strata.Oci;

/// <summary>A tag: a word character, then up to 127 word characters, dots or dashes.</summary>
public readonly record struct Tag : ISpanParsable<Tag>
{
    public const int MaxLength = 128;

    private readonly string? _text;

    private Tag(string text) => _text = text;

    public static Tag Latest { get; } = new("latest");

    public override string ToString() => _text ?? throw new InvalidOperationException("This tag was never set.");

    public static bool TryParse(ReadOnlySpan<char> s, out Tag result)
    {
        result = default;
        if (s.Length is 0 or > MaxLength || s[0] is '.' or '-')
        {
            return false;
        }
        foreach (var c in s)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                return false;
            }
        }
        result = new Tag(s.ToString());
        return true;
    }

    public static bool TryParse([NotNullWhen(true)] string? s, out Tag result) => TryParse(s.AsSpan(), out result);

    public static Tag Parse(string s) => TryParse(s, out var tag)
        ? tag
        : throw new FormatException($"'{s}' is no tag; use up to {MaxLength} letters, digits, '_', '.' and '-', not beginning with '.' or '-'.");

    static bool ISpanParsable<Tag>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Tag result) => TryParse(s, out result);
    static Tag ISpanParsable<Tag>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());
    static bool IParsable<Tag>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Tag result) => TryParse(s, out result);
    static Tag IParsable<Tag>.Parse(string s, IFormatProvider? provider) => Parse(s);
}
