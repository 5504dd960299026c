using System.Buffers.Binary;
using System.Numerics;

namespace Strata.Registry.Access;

/// <summary>The cipher under bcrypt (Schneier, "Description of a New Variable-Length Key, 64-Bit Block Cipher", 1993).</summary>
internal sealed class Blowfish
{
    public const int BlockSize = 8;
    private const int Rounds = 16;
    private const int SubkeyCount = Rounds + 2;
    private const int BoxSize = 256;
    private const int BoxCount = 4;

    // The first state is the fraction of pi; made when the first password is checked.
    private static readonly uint[] Pi = FractionOfPi(SubkeyCount + BoxCount * BoxSize);

    private readonly uint[] _subkeys = Pi[..SubkeyCount];
    private readonly uint[] _boxes = Pi[SubkeyCount..];

    /// <summary>Mixes a key and a salt into the state; without a salt, the key alone.</summary>
    public void ExpandKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
    {
        var at = 0;
        for (var i = 0; i < SubkeyCount; i++)
        {
            _subkeys[i] ^= NextWord(key, ref at);
        }
        var (left, right, saltAt) = (0u, 0u, 0);
        Refill(_subkeys, salt, ref saltAt, ref left, ref right);
        Refill(_boxes, salt, ref saltAt, ref left, ref right);
    }

    public void Encrypt(Span<byte> block)
    {
        var left = BinaryPrimitives.ReadUInt32BigEndian(block);
        var right = BinaryPrimitives.ReadUInt32BigEndian(block[4..]);
        Encrypt(ref left, ref right);
        BinaryPrimitives.WriteUInt32BigEndian(block, left);
        BinaryPrimitives.WriteUInt32BigEndian(block[4..], right);
    }

    private void Refill(uint[] state, ReadOnlySpan<byte> salt, ref int saltAt, ref uint left, ref uint right)
    {
        for (var i = 0; i < state.Length; i += 2)
        {
            if (!salt.IsEmpty)
            {
                left ^= NextWord(salt, ref saltAt);
                right ^= NextWord(salt, ref saltAt);
            }
            Encrypt(ref left, ref right);
            (state[i], state[i + 1]) = (left, right);
        }
    }

    private void Encrypt(ref uint left, ref uint right)
    {
        var (boxes, subkeys) = (_boxes, _subkeys);
        for (var i = 0; i < Rounds; i++)
        {
            left ^= subkeys[i];
            right ^= ((boxes[left >> 24] + boxes[BoxSize + ((left >> 16) & 0xff)]) ^ boxes[2 * BoxSize + ((left >> 8) & 0xff)]) + boxes[3 * BoxSize + (left & 0xff)];
            (left, right) = (right, left);
        }
        (left, right) = (right ^ subkeys[Rounds + 1], left ^ subkeys[Rounds]);
    }

    // The bytes are taken round and round.
    private static uint NextWord(ReadOnlySpan<byte> bytes, ref int at)
    {
        var word = 0u;
        for (var i = 0; i < 4; i++)
        {
            word = (word << 8) | bytes[at];
            at = at + 1 == bytes.Length ? 0 : at + 1;
        }
        return word;
    }

    // Machin: pi = 16 arctan(1/5) - 4 arctan(1/239), in fixed point with a word to spare.
    private static uint[] FractionOfPi(int words)
    {
        var bits = 32 * (words + 1);
        var pi = 16 * ArcTangentOfInverse(5, bits) - 4 * ArcTangentOfInverse(239, bits);
        var fraction = (pi - (new BigInteger(3) << bits)) >> 32;
        var bytes = fraction.ToByteArray(isUnsigned: true, isBigEndian: true);
        var result = new uint[words];
        for (var i = 0; i < words; i++)
        {
            result[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 * i));
        }
        return result;
    }

    private static BigInteger ArcTangentOfInverse(int x, int bits)
    {
        var power = (BigInteger.One << bits) / x;
        var sum = power;
        for (var n = 3; !power.IsZero; n += 2)
        {
            power /= x * x;
            sum += n % 4 == 3 ? -(power / n) : power / n;
        }
        return sum;
    }
}
