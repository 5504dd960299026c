using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Strata.Content.Tar;

/// <summary>
/// The records of a PAX header: <c>"&lt;length&gt; &lt;key&gt;=&lt;value&gt;\n"</c>, the length that of the whole record (POSIX pax, "pax Extended
/// Header"). Values are bytes: extended attributes are binary, and names need not be UTF-8.
/// </summary>
internal static class PaxRecords
{
    internal const string Path = "path";
    internal const string LinkPath = "linkpath";
    internal const string Size = "size";
    internal const string UserId = "uid";
    internal const string GroupId = "gid";
    internal const string Modified = "mtime";
    internal const string XattrPrefix = "SCHILY.xattr.";
    internal const string LibarchiveXattrPrefix = "LIBARCHIVE.xattr.";
    internal const string SparseMap = "GNU.sparse.map";
    private const string SparsePrefix = "GNU.sparse.";
    private const string SparseOffset = "GNU.sparse.offset";
    private const string SparseNumBytes = "GNU.sparse.numbytes";

    /// <summary>Whether a record says something about a member; others are comments and what single writers keep for themselves.</summary>
    internal static bool IsRead(string key) => key is Path or LinkPath or Size or UserId or GroupId or Modified or "atime" or "ctime"
        || key.StartsWith(XattrPrefix, StringComparison.Ordinal)
        || key.StartsWith(LibarchiveXattrPrefix, StringComparison.Ordinal)
        || key.StartsWith(SparsePrefix, StringComparison.Ordinal);

    /// <summary>Adds all records of a header; what comes later wins. False where the header is malformed.</summary>
    internal static bool TryParseAll(ReadOnlySpan<byte> text, Dictionary<string, byte[]> records)
    {
        // GNU sparse 0.0 repeats two keys in turn; put together they are the map of version 0.1.
        MemoryStream? map = null;
        var numbers = 0;
        while (!text.IsEmpty)
        {
            if (!TryParse(text, out var key, out var value, out text))
            {
                return false;
            }
            if (key is not (SparseOffset or SparseNumBytes))
            {
                records[key] = value.ToArray();
                continue;
            }
            if (key != (numbers % 2 == 0 ? SparseOffset : SparseNumBytes) || value.Contains((byte)','))
            {
                return false;
            }
            map ??= new MemoryStream();
            if (numbers++ > 0)
            {
                map.WriteByte((byte)',');
            }
            map.Write(value);
        }
        if (map is not null)
        {
            records[SparseMap] = map.ToArray();
        }
        return true;
    }

    internal static bool TryParse(ReadOnlySpan<byte> text, out string key, out ReadOnlySpan<byte> value, out ReadOnlySpan<byte> rest)
    {
        key = "";
        value = default;
        rest = default;
        var space = text.IndexOf((byte)' ');
        if (space <= 0 || !PaxTime.TryParseInteger(text[..space], out var length) || length < 5 || length > text.Length || length <= space + 1)
        {
            return false;
        }
        var record = text[(space + 1)..(int)length];
        var equals = record.IndexOf((byte)'=');
        if (record[^1] != (byte)'\n' || equals <= 0)
        {
            return false;
        }
        value = record[(equals + 1)..^1];
        key = Encoding.UTF8.GetString(record[..equals]);
        rest = text[(int)length..];
        return IsValid(key, value);
    }

    /// <summary>Appends one record.</summary>
    internal static void Format(string key, ReadOnlySpan<byte> value, Stream to)
    {
        var keyBytes = Encoding.UTF8.GetBytes(key);
        var fixedLength = keyBytes.Length + value.Length + 3;
        var length = fixedLength + Digits(fixedLength);
        // One more digit of the length may make the length one digit longer.
        length = fixedLength + Digits(length);
        Span<byte> number = stackalloc byte[11];
        Utf8Formatter.TryFormat(length, number, out var digits);
        to.Write(number[..digits]);
        to.WriteByte((byte)' ');
        to.Write(keyBytes);
        to.WriteByte((byte)'=');
        to.Write(value);
        to.WriteByte((byte)'\n');
    }

    internal static bool IsValid(string key, ReadOnlySpan<byte> value) => key switch
    {
        "" => false,
        Path or LinkPath or "uname" or "gname" => !value.Contains((byte)0),
        _ => !key.Contains('\0', StringComparison.Ordinal) && !key.Contains('=', StringComparison.Ordinal),
    };

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
}
