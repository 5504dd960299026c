namespace Strata.Content.Compression;

/// <summary>
/// The CRC-32 of two pieces from the CRCs of each: the first is multiplied by x^(8·length of the second) modulo the polynomial of
/// RFC 1952, section 8, in the bit-reversed form that gzip uses.
/// </summary>
internal static class Crc32Combination
{
    private const uint Polynomial = 0xEDB88320;
    private const uint One = 0x80000000;

    public static uint Combine(uint first, uint second, long secondLength) => Multiply(PowerOfX(secondLength), first) ^ second;

    // x^(8·bytes): squares x^8 along the bits of the count.
    private static uint PowerOfX(long bytes)
    {
        var result = One;
        var square = One >> 8;
        for (; bytes != 0; bytes >>= 1)
        {
            if ((bytes & 1) != 0)
            {
                result = Multiply(square, result);
            }
            square = Multiply(square, square);
        }
        return result;
    }

    private static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (var bit = One; bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0)
            {
                product ^= b;
            }
            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }
        return product;
    }
}
