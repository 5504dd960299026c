namespace Strata.Content.Tar;

/// <summary>The fields of a 512-byte header block.</summary>
internal static class TarBlock
{
    internal const int Size = 512;
    internal const int NameSize = 100;
    internal const int PrefixSize = 155;

    internal static readonly Range Name = 0..100;
    internal static readonly Range Mode = 100..108;
    internal static readonly Range UserId = 108..116;
    internal static readonly Range GroupId = 116..124;
    internal static readonly Range Length = 124..136;
    internal static readonly Range Modified = 136..148;
    internal static readonly Range Checksum = 148..156;
    internal const int Type = 156;
    internal static readonly Range LinkName = 157..257;
    internal static readonly Range Magic = 257..265;
    internal static readonly Range DeviceMajor = 329..337;
    internal static readonly Range DeviceMinor = 337..345;
    internal static readonly Range Prefix = 345..500;

    /// <summary>star's prefix is shorter, two times follow it, and the block ends in "tar\0".</summary>
    internal static readonly Range StarPrefix = 345..476;
    internal static readonly Range StarTrailer = 508..512;

    internal static readonly Range GnuAccessed = 345..357;
    internal static readonly Range GnuChanged = 357..369;
    internal const int GnuSparse = 386;
    internal const int GnuSparseEntries = 4;
    internal const int GnuIsExtended = 482;
    internal static readonly Range GnuRealSize = 483..495;

    /// <summary>In the blocks of further sparse entries that follow a GNU header.</summary>
    internal const int ExtensionEntries = 21;
    internal const int ExtensionIsExtended = 504;

    internal static ReadOnlySpan<byte> UstarMagic => "ustar\0"u8;

    internal static ReadOnlySpan<byte> GnuMagic => "ustar  \0"u8;

    /// <summary>A field's text: up to the first NUL.</summary>
    internal static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    internal static int Padding(long length) => (int)(-length & (Size - 1));

    internal static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    /// <summary>Sums of all bytes with the checksum's own eight as blanks. Old programs summed signed bytes.</summary>
    internal static (long Unsigned, long Signed) Sums(ReadOnlySpan<byte> block)
    {
        long unsigned = 8 * ' ';
        long signed = unsigned;
        for (var i = 0; i < Size; i++)
        {
            if (i == 148)
            {
                i = 156;
            }
            unsigned += block[i];
            signed += (sbyte)block[i];
        }
        return (unsigned, signed);
    }
}
