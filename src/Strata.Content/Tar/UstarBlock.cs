namespace Strata.Content.Tar;

/// <summary>Formats the block of a header. What does not fit its field is in the PAX header before it.</summary>
internal static class UstarBlock
{
    internal static ReadOnlySpan<byte> Of(TarHeader header, Span<byte> block)
    {
        block.Clear();
        if (!PaxHeader.IsNeeded(header) && UstarPath.TrySplit(header.Name, out var prefix, out var name))
        {
            prefix.CopyTo(block[TarBlock.Prefix]);
            name.CopyTo(block[TarBlock.Name]);
        }
        else
        {
            CopyAscii(header.Name, block[TarBlock.Name]);
        }
        CopyAscii(header.LinkName, block[TarBlock.LinkName]);
        TarNumber.FormatOctal(header.Mode, block[TarBlock.Mode]);
        TarNumber.FormatOctal(header.UserId, block[TarBlock.UserId]);
        TarNumber.FormatOctal(header.GroupId, block[TarBlock.GroupId]);
        TarNumber.FormatOctal(header.Size, block[TarBlock.Length]);
        TarNumber.FormatOctal(header.Modified.Seconds, block[TarBlock.Modified]);
        block[TarBlock.Type] = header.Type;
        TarNumber.FormatOctal(header.DeviceMajor, block[TarBlock.DeviceMajor]);
        TarNumber.FormatOctal(header.DeviceMinor, block[TarBlock.DeviceMinor]);
        return Seal(block);
    }

    /// <summary>Writes magic, version and checksum.</summary>
    internal static ReadOnlySpan<byte> Seal(Span<byte> block)
    {
        "ustar\000"u8.CopyTo(block[TarBlock.Magic]);
        var checksum = block[TarBlock.Checksum];
        TarNumber.FormatOctal(TarBlock.Sums(block).Unsigned, checksum[..7]);
        checksum[7] = (byte)' ';
        return block;
    }

    /// <summary>Copies what is ASCII, as much as fits.</summary>
    internal static void CopyAscii(ReadOnlySpan<byte> text, Span<byte> field)
    {
        var used = 0;
        foreach (var b in text)
        {
            if (b is > 0 and < 0x80)
            {
                if (used == field.Length)
                {
                    return;
                }
                field[used++] = b;
            }
        }
    }
}
