using Strata.Linux;

namespace Strata.Content.Tar;

/// <summary>The fields of a member's block, with what GNU long names and PAX records put in their place.</summary>
internal static class HeaderFields
{
    internal static TarHeader Decode(byte[] block, PendingHeaders pending, Dictionary<string, byte[]>? records)
    {
        var header = FromBlock(block, pending);
        if (pending.LongName is { Length: > 0 } name)
        {
            header = header with { Name = name };
        }
        if (pending.LongLink is { Length: > 0 } link)
        {
            header = header with { LinkName = link };
        }
        if (records is not null)
        {
            header = Apply(header, records, pending);
        }
        if (header.Size < 0)
        {
            throw Invalid(pending, header.Name, "a size is negative");
        }
        return header.Type == TarType.OldRegular
            ? header with { Type = header.Name is [.., (byte)'/'] ? TarType.Directory : TarType.Regular }
            : header;
    }

    private static TarHeader FromBlock(byte[] block, PendingHeaders pending)
    {
        var name = TarBlock.Text(block.AsSpan(TarBlock.Name));
        var magic = block.AsSpan(TarBlock.Magic);
        var isGnu = magic.SequenceEqual(TarBlock.GnuMagic);
        var isUstar = magic.StartsWith(TarBlock.UstarMagic);
        var isStar = isUstar && block.AsSpan(TarBlock.StarTrailer).SequenceEqual("tar\0"u8);
        var hasDevices = isGnu || isUstar;
        ReadOnlySpan<byte> prefix = [];
        if (isUstar || (isGnu && !HasGnuTimes(block)))
        {
            prefix = TarBlock.Text(block.AsSpan(isStar ? TarBlock.StarPrefix : TarBlock.Prefix));
        }
        return new TarHeader
        {
            Name = prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name],
            LinkName = TarBlock.Text(block.AsSpan(TarBlock.LinkName)).ToArray(),
            Type = block[TarBlock.Type],
            Mode = Number(TarBlock.Mode, "mode"),
            UserId = Number(TarBlock.UserId, "owner"),
            GroupId = Number(TarBlock.GroupId, "group"),
            Size = Number(TarBlock.Length, "size"),
            Modified = new FileTime(Number(TarBlock.Modified, "time"), 0),
            DeviceMajor = hasDevices ? Number(TarBlock.DeviceMajor, "device number") : 0,
            DeviceMinor = hasDevices ? Number(TarBlock.DeviceMinor, "device number") : 0,
            Offset = pending.Offset,
        };

        long Number(Range field, string what) => TarNumber.TryParse(block.AsSpan(field), out var value)
            ? value
            : throw Invalid(pending, TarBlock.Text(block.AsSpan(TarBlock.Name)).ToArray(), $"a header's {what} is no number");
    }

    // Some writers of old put a ustar prefix into GNU headers, where two times have their place.
    private static bool HasGnuTimes(byte[] block) =>
        TarNumber.TryParse(block.AsSpan(TarBlock.GnuAccessed), out _) && TarNumber.TryParse(block.AsSpan(TarBlock.GnuChanged), out _);

    private static TarHeader Apply(TarHeader header, Dictionary<string, byte[]> records, PendingHeaders pending)
    {
        foreach (var (key, value) in records)
        {
            if (value.Length == 0)
            {
                continue;
            }
            header = key switch
            {
                PaxRecords.Path => header with { Name = value },
                PaxRecords.LinkPath => header with { LinkName = value },
                PaxRecords.Size => header with { Size = Integer(key, value) },
                PaxRecords.UserId => header with { UserId = Integer(key, value) },
                PaxRecords.GroupId => header with { GroupId = Integer(key, value) },
                PaxRecords.Modified => header with { Modified = Time(key, value) },
                "atime" or "ctime" => Ignore(header, Time(key, value)),
                _ => header,
            };
        }
        return header with { Xattrs = XattrRecords.Collect(records) };

        long Integer(string key, byte[] value) => PaxTime.TryParseInteger(value, out var number)
            ? number
            : throw Invalid(pending, header.Name, $"the PAX record {key} is no number");

        FileTime Time(string key, byte[] value) => PaxTime.TryParse(value, out var time)
            ? time
            : throw Invalid(pending, header.Name, $"the PAX record {key} is no time");
    }

    // A time that is not kept is still looked at: a header that lies there is damaged.
    private static TarHeader Ignore(TarHeader header, FileTime _) => header;

    private static InvalidTarException Invalid(PendingHeaders pending, byte[] name, string problem) => new(problem, pending.Offset, name);
}
