using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Strata.Registry.Access;

/// <summary>A password's hash as <c>$2y$cost$salt+hash</c> (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999).</summary>
internal sealed class BcryptHash
{
    /// <summary>A cost of 14 is a second of work for every password sent.</summary>
    public const int MaxCost = 14;
    private const int MinCost = 4;
    private const int SaltSize = 16;
    private const int SaltLength = 22;
    private const int HashSize = 23;
    private const int TextLength = 60;
    private const int MaxPasswordSize = 72;
    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private BcryptHash(string text, int cost, byte[] salt, byte[] hash) => (Text, Cost, _salt, _hash) = (text, cost, salt, hash);

    public string Text { get; }

    /// <summary>The work is two to this power.</summary>
    public int Cost { get; }

    /// <summary>Null when the text is no bcrypt hash, or one too dear to check.</summary>
    public static BcryptHash? TryParse(string text)
    {
        if (text.Length != TextLength || text[6] != '$' || text[..4] is not ("$2y$" or "$2a$" or "$2b$")
            || !int.TryParse(text.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var cost) || cost is < MinCost or > MaxCost
            || Decode(text.AsSpan(7, SaltLength), SaltSize) is not { } salt
            || Decode(text.AsSpan(7 + SaltLength), HashSize) is not { } hash)
        {
            return null;
        }
        return new BcryptHash(text, cost, salt, hash);
    }

    /// <summary>A hash that no password has, as dear to check as any of its cost.</summary>
    public static BcryptHash Unmatchable(int cost) => new("", cost, RandomNumberGenerator.GetBytes(SaltSize), []);

    public bool Verify(string password)
    {
        var key = Encoding.UTF8.GetBytes(password + '\0');
        var hash = Compute(key.AsSpan(0, Math.Min(key.Length, MaxPasswordSize)), _salt, Cost);
        // C programs end a password at its first zero byte; one with a zero inside must not pass for its beginning.
        return CryptographicOperations.FixedTimeEquals(hash, _hash) && !password.Contains('\0', StringComparison.Ordinal);
    }

    private static byte[] Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int cost)
    {
        var cipher = new Blowfish();
        cipher.ExpandKey(key, salt);
        for (var i = 0; i < 1 << cost; i++)
        {
            cipher.ExpandKey(key, default);
            cipher.ExpandKey(salt, default);
        }
        var output = "OrpheanBeholderScryDoubt"u8.ToArray();
        for (var block = 0; block < output.Length; block += Blowfish.BlockSize)
        {
            for (var i = 0; i < 64; i++)
            {
                cipher.Encrypt(output.AsSpan(block, Blowfish.BlockSize));
            }
        }
        return output[..HashSize];
    }

    // Base64 in bcrypt's own alphabet, without padding.
    private static byte[]? Decode(ReadOnlySpan<char> text, int size)
    {
        var bytes = new byte[size];
        var (bits, count, at) = (0, 0, 0);
        foreach (var c in text)
        {
            var value = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }
            (bits, count) = ((bits << 6) | value, count + 6);
            if (count >= 8 && at < size)
            {
                count -= 8;
                bytes[at++] = (byte)(bits >> count);
                bits &= (1 << count) - 1;
            }
        }
        return at == size ? bytes : null;
    }
}
