using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Strata.Oci;

/// <summary>
/// The name of bytes: <c>algorithm:hex</c>, lower case. The default value names nothing and throws when it is used.
/// </summary>
[JsonConverter(typeof(DigestConverter))]
public readonly record struct Digest : ISpanParsable<Digest>, IComparable<Digest>
{
    private const string Sha256Prefix = "sha256:";
    private const string Sha512Prefix = "sha512:";
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly string? _text;

    private Digest(string text) => _text = text;

    private string Text => _text ?? throw new InvalidOperationException("This digest was never set.");

    public DigestAlgorithm Algorithm => Text.StartsWith(Sha256Prefix, StringComparison.Ordinal) ? DigestAlgorithm.Sha256 : DigestAlgorithm.Sha512;

    /// <summary>The hexadecimal part: 64 digits for sha256, 128 for sha512.</summary>
    public string Hex => Text[Sha256Prefix.Length..];

    /// <summary>The first twelve hexadecimal digits, as people are shown them.</summary>
    public string Short => Text.Substring(Sha256Prefix.Length, 12);

    public override string ToString() => Text;

    public int CompareTo(Digest other) => string.CompareOrdinal(_text, other._text);

    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;

    /// <summary>The sha256 digest of <paramref name="content"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return FromHash(DigestAlgorithm.Sha256, hash);
    }

    /// <summary>Names a finished hash; <paramref name="hash"/> must have the algorithm's length.</summary>
    public static Digest FromHash(DigestAlgorithm algorithm, ReadOnlySpan<byte> hash)
    {
        var (prefix, length) = algorithm == DigestAlgorithm.Sha256
            ? (Sha256Prefix, SHA256.HashSizeInBytes)
            : (Sha512Prefix, SHA512.HashSizeInBytes);
        if (hash.Length != length)
        {
            throw new ArgumentException($"A {algorithm} hash has {length} bytes, not {hash.Length}.", nameof(hash));
        }
        return new Digest(prefix + Convert.ToHexStringLower(hash));
    }

    public static bool TryParse(ReadOnlySpan<char> s, out Digest result)
    {
        result = default;
        var hexLength = s.StartsWith(Sha256Prefix) ? 64 : s.StartsWith(Sha512Prefix) ? 128 : -1;
        if (hexLength < 0 || s.Length != Sha256Prefix.Length + hexLength
            || s[Sha256Prefix.Length..].ContainsAnyExcept(LowerHex))
        {
            return false;
        }
        result = new Digest(s.ToString());
        return true;
    }

    public static bool TryParse([NotNullWhen(true)] string? s, out Digest result) => TryParse(s.AsSpan(), out result);

    public static Digest Parse(string s) => TryParse(s, out var digest)
        ? digest
        : throw new FormatException($"'{s}' is no digest; expected sha256: and 64, or sha512: and 128, lower-case hexadecimal digits.");

    static bool ISpanParsable<Digest>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Digest result) => TryParse(s, out result);
    static Digest ISpanParsable<Digest>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());
    static bool IParsable<Digest>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Digest result) => TryParse(s, out result);
    static Digest IParsable<Digest>.Parse(string s, IFormatProvider? provider) => Parse(s);
}
