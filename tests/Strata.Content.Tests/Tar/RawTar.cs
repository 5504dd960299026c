using System.Text;
using Strata.Content.Tar;

namespace Strata.Content.Tests.Tar;

/// <summary>Headers that no writer of ours would write.</summary>
internal static class RawTar
{
    /// <param name="change">Made before the checksum is.</param>
    public static byte[] Block(string name, byte type, long size, Action<byte[]>? change = null)
    {
        var block = new byte[TarBlock.Size];
        Encoding.ASCII.GetBytes(name, block);
        TarNumber.FormatOctal(size, block.AsSpan(TarBlock.Length));
        block[TarBlock.Type] = type;
        "ustar\000"u8.CopyTo(block.AsSpan(TarBlock.Magic));
        change?.Invoke(block);
        TarNumber.FormatOctal(TarBlock.Sums(block).Unsigned, block.AsSpan(TarBlock.Checksum)[..7]);
        return block;
    }

    /// <summary>A sparse file as GNU tar once wrote them. <paramref name="parts"/>: "offset,length offset,length", at most four.</summary>
    public static byte[] Sparse(string name, long size, long realSize, string parts) => Block(name, TarType.GnuSparse, size, block =>
    {
        TarBlock.GnuMagic.CopyTo(block.AsSpan(TarBlock.Magic));
        foreach (var (number, part) in parts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            var entry = block.AsSpan(TarBlock.GnuSparse + (number * 24), 24);
            TarNumber.FormatOctal(long.Parse(part.Split(',')[0], null), entry[..12]);
            TarNumber.FormatOctal(long.Parse(part.Split(',')[1], null), entry[12..]);
        }
        TarNumber.FormatOctal(realSize, block.AsSpan(TarBlock.GnuRealSize));
    });

    public static byte[] Special(byte type, byte[] content) =>
        [.. Block("s", type, content.Length), .. content, .. new byte[TarBlock.Padding(content.Length)]];
}
