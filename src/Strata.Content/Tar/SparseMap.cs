namespace Strata.Content.Tar;

/// <summary>The parts of a sparse file that are not holes, in order.</summary>
internal readonly record struct SparsePart(long Offset, long Length)
{
    internal long End => Offset + Length;
}

/// <summary>The three ways GNU tar writes the map of a sparse file (GNU tar manual, "Storing Sparse Files").</summary>
internal static class SparseMap
{
    /// <summary>In order, without overlap, inside <paramref name="size"/>.</summary>
    internal static bool IsValid(List<SparsePart> parts, long size)
    {
        long end = 0;
        foreach (var part in parts)
        {
            if (part.Offset < end || part.Length < 0 || part.Offset > size - part.Length)
            {
                return false;
            }
            end = part.End;
        }
        return size >= 0;
    }

    /// <summary>The entries of one block, four in the old GNU header, twenty-one in each block after it.</summary>
    internal static bool TryReadBlock(ReadOnlySpan<byte> entries, int count, List<SparsePart> parts)
    {
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * 24, 24);
            if (entry[0] == 0)
            {
                break;
            }
            if (!TarNumber.TryParse(entry[..12], out var offset) || !TarNumber.TryParse(entry[12..], out var length))
            {
                return false;
            }
            parts.Add(new SparsePart(offset, length));
        }
        return true;
    }

    /// <summary>Versions 0.0 and 0.1: <c>offset,length,offset,length…</c> in a PAX record, and their count in another.</summary>
    internal static bool TryParseRecord(ReadOnlySpan<byte> map, ReadOnlySpan<byte> count, List<SparsePart> parts)
    {
        if (!PaxTime.TryParseInteger(count, out var expected) || expected < 0)
        {
            return false;
        }
        var numbers = 0L;
        long offset = 0;
        if (!map.IsEmpty)
        {
            foreach (var range in map.Split((byte)','))
            {
                if (!PaxTime.TryParseInteger(map[range], out var number))
                {
                    return false;
                }
                if (numbers++ % 2 == 0)
                {
                    offset = number;
                }
                else
                {
                    parts.Add(new SparsePart(offset, number));
                }
            }
        }
        return numbers == expected * 2;
    }
}
