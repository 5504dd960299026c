using System.Text;

namespace Strata.Fuzz;

/// <summary>Every header of a tar proves itself by a sum, which few mutations get past. The sums are put right again where a header stands.</summary>
internal static class TarChecksums
{
    private const int Block = 512;
    private const int SumAt = 148;
    private const int SumSize = 8;
    private const int MagicAt = 257;

    public static byte[] Stamp(byte[] input)
    {
        var tar = (byte[])input.Clone();
        for (var start = 0; start + Block <= tar.Length; start += Block)
        {
            var header = tar.AsSpan(start, Block);
            if (header[MagicAt..].StartsWith("ustar"u8))
            {
                var sum = header[SumAt..(SumAt + SumSize)];
                sum.Fill((byte)' ');
                var total = 0;
                foreach (var value in header)
                {
                    total += value;
                }
                Encoding.ASCII.GetBytes(Convert.ToString(total, 8).PadLeft(6, '0') + '\0', sum);
            }
        }
        return tar;
    }
}
