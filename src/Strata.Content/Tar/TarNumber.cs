namespace Strata.Content.Tar;

/// <summary>The number fields of a header: octal text, or base 256 with the first bit set (GNU, star).</summary>
internal static class TarNumber
{
    internal static bool TryParse(ReadOnlySpan<byte> field, out long value)
    {
        if (field is [>= 0x80, ..])
        {
            return TryParseBinary(field, out value);
        }
        return TryParseOctal(field, out value);
    }

    internal static bool TryParseOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        field = field.Trim(" \0"u8);
        var end = field.IndexOf((byte)0);
        ulong number = 0;
        foreach (var digit in end < 0 ? field : field[..end])
        {
            if (digit is < (byte)'0' or > (byte)'7' || number >> 61 != 0)
            {
                return false;
            }
            number = (number << 3) | (uint)(digit - '0');
        }
        value = (long)number;
        return true;
    }

    /// <summary>Whether the number fits an octal field of this width, the last byte of which is NUL.</summary>
    internal static bool FitsOctal(long value, int width) => value >= 0 && (width > 21 || value < 1L << (3 * (width - 1)));

    /// <summary>Leading zeros and a NUL. A number that does not fit is written as 0: a PAX record says it then.</summary>
    internal static void FormatOctal(long value, Span<byte> field)
    {
        if (!FitsOctal(value, field.Length))
        {
            value = 0;
        }
        field[^1] = 0;
        for (var i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }

    // Two's complement, big endian; the very first bit only marks the encoding, the second is the sign.
    private static bool TryParseBinary(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var negative = (field[0] & 0x40) != 0;
        var invert = negative ? (byte)0xFF : (byte)0;
        ulong number = 0;
        for (var i = 0; i < field.Length; i++)
        {
            var digit = (byte)(field[i] ^ invert);
            if (i == 0)
            {
                digit &= 0x7F;
            }
            if (number >> 56 != 0)
            {
                return false;
            }
            number = (number << 8) | digit;
        }
        if (number >> 63 != 0)
        {
            return false;
        }
        value = negative ? ~(long)number : (long)number;
        return true;
    }
}
