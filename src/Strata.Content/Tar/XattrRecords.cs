using System.Buffers;
using System.Buffers.Text;

namespace Strata.Content.Tar;

/// <summary>
/// Extended attributes among PAX records: <c>SCHILY.xattr.NAME</c> with the value as it is, and libarchive's <c>LIBARCHIVE.xattr.NAME</c> with the
/// name URL-encoded and the value in base64; the former wins.
/// </summary>
internal static class XattrRecords
{
    internal static IReadOnlyList<KeyValuePair<string, byte[]>> Collect(Dictionary<string, byte[]> records)
    {
        SortedDictionary<string, byte[]>? found = null;
        foreach (var (key, value) in records)
        {
            if (key.StartsWith(PaxRecords.XattrPrefix, StringComparison.Ordinal) && key.Length > PaxRecords.XattrPrefix.Length)
            {
                found ??= new(StringComparer.Ordinal);
                found[key[PaxRecords.XattrPrefix.Length..]] = value;
            }
            else if (key.StartsWith(PaxRecords.LibarchiveXattrPrefix, StringComparison.Ordinal) && FromBase64(value) is { } decoded)
            {
                found ??= new(StringComparer.Ordinal);
                found.TryAdd(Uri.UnescapeDataString(key[PaxRecords.LibarchiveXattrPrefix.Length..]), decoded);
            }
        }
        return found is null ? [] : [.. found];
    }

    // libarchive writes no padding.
    private static byte[]? FromBase64(byte[] text)
    {
        var padded = new byte[(text.Length + 3) / 4 * 4];
        text.CopyTo(padded, 0);
        padded.AsSpan(text.Length).Fill((byte)'=');
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length)];
        return Base64.DecodeFromUtf8(padded, decoded, out _, out var length) == OperationStatus.Done ? decoded[..length] : null;
    }
}
