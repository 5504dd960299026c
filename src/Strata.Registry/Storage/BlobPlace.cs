using System.Security.Cryptography;

namespace Strata.Registry.Storage;

/// <summary>
/// Where bytes lie: a random key that says nothing about them. Only the database knows which digest is at which place, so two uploads of
/// the same bytes never meet, and a place is never used twice.
/// </summary>
public readonly record struct BlobPlace
{
    private const int KeyLength = 32;
    private readonly string? _key;

    private BlobPlace(string key) => _key = key;

    public static BlobPlace New() => new(RandomNumberGenerator.GetHexString(KeyLength, lowercase: true));

    public static BlobPlace Parse(string key) => key.Length == KeyLength && key.All(char.IsAsciiHexDigitLower)
        ? new BlobPlace(key)
        : throw new FormatException($"'{key}' is no key of a place; the registry's database is damaged or from another program.");

    public override string ToString() => _key ?? throw new InvalidOperationException("This place was never set.");
}
