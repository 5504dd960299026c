namespace Strata.Content.Tar;

/// <summary>Unsigned numbers, seven bits a byte, the lowest first.</summary>
internal static class Leb128
{
    internal const int LargestSize = 10;

    internal static int Write(long value, Span<byte> to)
    {
        var rest = (ulong)value;
        var used = 0;
        while (rest >= 0x80)
        {
            to[used++] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        to[used++] = (byte)rest;
        return used;
    }

    internal static long Read(Stream from)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = from.ReadByte();
            if (next < 0)
            {
                throw new InvalidDataException("A layer's recipe ends in the middle of a number.");
            }
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }
        }
        throw new InvalidDataException("A layer's recipe holds a number of more than 64 bits.");
    }
}
