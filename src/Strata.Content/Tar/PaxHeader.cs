using System.Globalization;
using System.Text;

namespace Strata.Content.Tar;

/// <summary>The PAX header that a member needs before its own.</summary>
internal static class PaxHeader
{
    internal static bool IsNeeded(TarHeader header) =>
        NeedsRecord(header.Name, canSplit: true)
        || NeedsRecord(header.LinkName, canSplit: false)
        || !TarNumber.FitsOctal(header.Size, 12)
        || !TarNumber.FitsOctal(header.UserId, 8)
        || !TarNumber.FitsOctal(header.GroupId, 8)
        || NeedsTime(header)
        || header.Xattrs.Count > 0;

    /// <summary>The records in the order of their keys; null where none is needed.</summary>
    internal static byte[]? For(TarHeader header)
    {
        if (!IsNeeded(header))
        {
            return null;
        }
        var records = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, value) in header.Xattrs)
        {
            Add(PaxRecords.XattrPrefix + name, value);
        }
        // A path that would fit prefix and name gets its record too, once there is a PAX header at all.
        if (NeedsRecord(header.Name, canSplit: false))
        {
            Add(PaxRecords.Path, header.Name);
        }
        if (NeedsRecord(header.LinkName, canSplit: false))
        {
            Add(PaxRecords.LinkPath, header.LinkName);
        }
        AddNumber(PaxRecords.Size, header.Size, 12);
        AddNumber(PaxRecords.UserId, header.UserId, 8);
        AddNumber(PaxRecords.GroupId, header.GroupId, 8);
        if (NeedsTime(header))
        {
            Add(PaxRecords.Modified, PaxTime.Format(header.Modified));
        }
        var text = new MemoryStream();
        foreach (var (key, value) in records)
        {
            PaxRecords.Format(key, value, text);
        }
        return text.ToArray();

        void Add(string key, byte[] value)
        {
            if (!PaxRecords.IsValid(key, value))
            {
                throw new ArgumentException($"The name of {Encoding.UTF8.GetString(header.Name)} or of one of its extended attributes ({key}) cannot stand in a tar archive.");
            }
            records[key] = value;
        }

        void AddNumber(string key, long value, int width)
        {
            if (!TarNumber.FitsOctal(value, width))
            {
                Add(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
            }
        }
    }

    /// <summary>The block before the records; it has a name for programs that do not know PAX and would make a file of it.</summary>
    internal static byte[] Block(TarHeader header, int length)
    {
        var block = new byte[TarBlock.Size];
        var slash = header.Name.AsSpan().LastIndexOf((byte)'/');
        byte[] name = [.. header.Name.AsSpan(0, slash + 1), .. "PaxHeaders.0/"u8, .. header.Name.AsSpan(slash + 1)];
        var field = block.AsSpan(TarBlock.Name);
        UstarBlock.CopyAscii(name, field);
        for (var last = TarBlock.Text(field).Length - 1; last >= 0 && field[last] == (byte)'/'; last--)
        {
            field[last] = 0;
        }
        TarNumber.FormatOctal(0, block.AsSpan(TarBlock.Mode));
        TarNumber.FormatOctal(0, block.AsSpan(TarBlock.UserId));
        TarNumber.FormatOctal(0, block.AsSpan(TarBlock.GroupId));
        TarNumber.FormatOctal(length, block.AsSpan(TarBlock.Length));
        TarNumber.FormatOctal(0, block.AsSpan(TarBlock.Modified));
        block[TarBlock.Type] = TarType.PaxLocal;
        UstarBlock.Seal(block);
        return block;
    }

    private static bool NeedsRecord(ReadOnlySpan<byte> text, bool canSplit) =>
        (text.Length > TarBlock.NameSize && !(canSplit && UstarPath.TrySplit(text, out _, out _)))
        || text.ContainsAnyExceptInRange((byte)1, (byte)0x7F);

    private static bool NeedsTime(TarHeader header) => header.Modified.Nanoseconds != 0 || !TarNumber.FitsOctal(header.Modified.Seconds, 12);
}
