namespace Strata.Content.Tar;

/// <summary>Reads the headers of one member: the block itself and the special ones before it.</summary>
internal sealed class HeaderDecoder(TarInput input, TarLimits limits)
{
    /// <summary>Of the global records those that somebody reads; the others would only be carried from member to member.</summary>
    private readonly Dictionary<string, byte[]> _global = [];
    private long _globalSize;

    /// <summary>Null at the end of the archive. <paramref name="parts"/> is the map of a sparse member, else null.</summary>
    internal TarHeader? ReadNext(out List<SparsePart>? parts, out long physicalSize)
    {
        var pending = new PendingHeaders(input.Position);
        parts = null;
        physicalSize = 0;
        while (true)
        {
            // Special headers that belong to nothing are passed over, as GNU tar and Go do.
            if (!TryReadBlock(pending, out var block))
            {
                return null;
            }
            var type = block[TarBlock.Type];
            switch (type)
            {
                case TarType.PaxLocal:
                    pending.Local = ParseRecords(block, pending);
                    continue;
                case TarType.PaxGlobal:
                    KeepGlobal(ParseRecords(block, pending), pending);
                    continue;
                case TarType.GnuLongName:
                    pending.LongName = TarBlock.Text(ReadSpecial(block, pending)).ToArray();
                    continue;
                case TarType.GnuLongLink:
                    pending.LongLink = TarBlock.Text(ReadSpecial(block, pending)).ToArray();
                    continue;
                default:
                    return Member(block, pending, out parts, out physicalSize);
            }
        }
    }

    // The block is a copy: reading on would overwrite it in the input's buffer.
    private bool TryReadBlock(PendingHeaders pending, out byte[] block)
    {
        block = pending.Block;
        var bytes = input.Peek(TarBlock.Size);
        if (bytes.IsEmpty)
        {
            return false;
        }
        if (bytes.Length < TarBlock.Size)
        {
            throw CutOff(pending, "it is cut off inside a header");
        }
        bytes.CopyTo(block);
        input.TakeLiteral(TarBlock.Size);
        if (!TarBlock.IsZero(block))
        {
            CheckSum(block, pending);
            return true;
        }
        var second = input.Peek(TarBlock.Size);
        if (second.Length == TarBlock.Size && !TarBlock.IsZero(second))
        {
            throw Invalid(pending, "a single zero block stands between its headers");
        }
        return false;
    }

    private static void CheckSum(byte[] block, PendingHeaders pending)
    {
        var (unsigned, signed) = TarBlock.Sums(block);
        if (!TarNumber.TryParseOctal(block.AsSpan(TarBlock.Checksum), out var stated) || (stated != unsigned && stated != signed))
        {
            throw Invalid(pending, "a header's checksum is wrong");
        }
    }

    private Dictionary<string, byte[]> ParseRecords(byte[] block, PendingHeaders pending)
    {
        var records = new Dictionary<string, byte[]>();
        if (!PaxRecords.TryParseAll(ReadSpecial(block, pending), records))
        {
            throw Invalid(pending, "a PAX header is malformed");
        }
        return records;
    }

    // They hold for all members that follow, so what they may take is told over the whole archive.
    private void KeepGlobal(Dictionary<string, byte[]> records, PendingHeaders pending)
    {
        foreach (var (key, value) in records.Where(record => PaxRecords.IsRead(record.Key)))
        {
            _globalSize += value.Length - (_global.TryGetValue(key, out var old) ? old.Length : -key.Length);
            _global[key] = value;
        }
        if (_globalSize > limits.HeaderSize)
        {
            throw Invalid(pending, $"the global PAX headers have together more than {limits.HeaderSize} bytes, the most that is allowed");
        }
    }

    private byte[] ReadSpecial(byte[] block, PendingHeaders pending)
    {
        if (!TarNumber.TryParse(block.AsSpan(TarBlock.Length), out var size) || size < 0)
        {
            throw Invalid(pending, "a special header's size is no number");
        }
        pending.SpecialSize += size;
        if (pending.SpecialSize > limits.HeaderSize || size > limits.HeaderSize)
        {
            throw Invalid(pending, $"the special headers before one member have more than {limits.HeaderSize} bytes, the most that is allowed");
        }
        var content = new byte[size];
        for (var filled = 0; filled < size;)
        {
            var piece = input.Peek((int)Math.Min(size - filled, TarInput.LargestPiece));
            if (piece.IsEmpty)
            {
                throw CutOff(pending, "it is cut off inside a special header");
            }
            piece.CopyTo(content.AsSpan(filled));
            filled += piece.Length;
            input.TakeLiteral(piece.Length);
        }
        return input.SkipLiteral(TarBlock.Padding(size)) ? content : throw CutOff(pending, "it is cut off inside a special header");
    }

    private TarHeader Member(byte[] block, PendingHeaders pending, out List<SparsePart>? parts, out long physicalSize)
    {
        parts = null;
        var records = Effective(pending.Local);
        var header = HeaderFields.Decode(block, pending, records);
        var type = header.Type;
        physicalSize = TarType.IsHeaderOnly(type) ? 0 : header.Size;
        if (type == TarType.GnuSparse)
        {
            parts = ReadOldGnuMap(block, pending, out var realSize);
            header = header with { Size = realSize };
        }
        else if (records is not null && !TarType.IsHeaderOnly(type))
        {
            parts = ReadPaxMap(ref header, records, pending, ref physicalSize);
        }
        if (parts is not null && (!SparseMap.IsValid(parts, header.Size) || parts.Sum(part => part.Length) != physicalSize))
        {
            throw Invalid(pending, "the map of a sparse file does not fit its content");
        }
        return header with { IsSparse = parts is not null, ContentOffset = input.Position };
    }

    // An empty value takes a record back (POSIX pax, "pax Extended Header"): the block's own field holds then.
    private Dictionary<string, byte[]>? Effective(Dictionary<string, byte[]>? local)
    {
        if (_global.Count == 0)
        {
            return local;
        }
        if (local is null)
        {
            return _global;
        }
        var merged = new Dictionary<string, byte[]>(_global);
        foreach (var (key, value) in local)
        {
            merged[key] = value;
        }
        return merged;
    }

    private List<SparsePart> ReadOldGnuMap(byte[] block, PendingHeaders pending, out long realSize)
    {
        var parts = new List<SparsePart>();
        var isGnu = block.AsSpan(TarBlock.Magic).SequenceEqual(TarBlock.GnuMagic);
        if (!isGnu || !TarNumber.TryParse(block.AsSpan(TarBlock.GnuRealSize), out realSize)
            || !SparseMap.TryReadBlock(block.AsSpan(TarBlock.GnuSparse), TarBlock.GnuSparseEntries, parts))
        {
            throw Invalid(pending, "the map of a sparse file is malformed");
        }
        var more = block[TarBlock.GnuIsExtended] != 0;
        while (more)
        {
            var extension = input.Peek(TarBlock.Size);
            pending.SpecialSize += TarBlock.Size;
            if (extension.Length < TarBlock.Size || pending.SpecialSize > limits.HeaderSize
                || !SparseMap.TryReadBlock(extension, TarBlock.ExtensionEntries, parts))
            {
                throw Invalid(pending, "the map of a sparse file is malformed, cut off or too large");
            }
            more = extension[TarBlock.ExtensionIsExtended] != 0;
            input.TakeLiteral(TarBlock.Size);
        }
        return parts;
    }

    private List<SparsePart>? ReadPaxMap(ref TarHeader header, Dictionary<string, byte[]> records, PendingHeaders pending, ref long physicalSize)
    {
        var version = (Value(records, "GNU.sparse.major"), Value(records, "GNU.sparse.minor"));
        var isVersion1 = version is ([(byte)'1'], [(byte)'0']);
        var isVersion0 = version is ([(byte)'0'], [(byte)'0' or (byte)'1']);
        // The first writers of version 0 did not name it.
        var isUnnamedVersion0 = version is ([], []) && Value(records, PaxRecords.SparseMap).Length > 0;
        if (!isVersion1 && !isVersion0 && !isUnnamedVersion0)
        {
            return null;
        }
        if (Value(records, "GNU.sparse.name") is { Length: > 0 } name)
        {
            header = header with { Name = name };
        }
        var size = Value(records, "GNU.sparse.size") is { Length: > 0 } stated ? stated : Value(records, "GNU.sparse.realsize");
        if (size.Length > 0)
        {
            header = PaxTime.TryParseInteger(size, out var number)
                ? header with { Size = number }
                : throw Invalid(pending, "the size of a sparse file is no number");
        }
        var parts = new List<SparsePart>();
        var sound = isVersion1
            ? TryReadMapInContent(parts, pending, ref physicalSize)
            : SparseMap.TryParseRecord(Value(records, PaxRecords.SparseMap), Value(records, "GNU.sparse.numblocks"), parts);
        return sound ? parts : throw Invalid(pending, "the map of a sparse file is malformed");
    }

    // Version 1.0: lines of decimal numbers before the content, padded to whole blocks: the count, then offset and length of each part.
    private bool TryReadMapInContent(List<SparsePart> parts, PendingHeaders pending, ref long physicalSize)
    {
        var text = new MemoryStream();
        var position = 0;
        long? count = null;
        long offset = -1;
        while (count is null || parts.Count < count)
        {
            var line = text.GetBuffer().AsSpan(position, (int)text.Length - position);
            var end = line.IndexOf((byte)'\n');
            if (end < 0)
            {
                var block = input.Peek(TarBlock.Size);
                pending.SpecialSize += TarBlock.Size;
                if (block.Length < TarBlock.Size || physicalSize < TarBlock.Size || pending.SpecialSize > limits.HeaderSize)
                {
                    return false;
                }
                text.Write(block);
                input.TakeLiteral(TarBlock.Size);
                physicalSize -= TarBlock.Size;
                continue;
            }
            position += end + 1;
            if (!PaxTime.TryParseInteger(line[..end], out var number) || number < 0)
            {
                return false;
            }
            if (count is null)
            {
                count = number;
            }
            else if (offset < 0)
            {
                offset = number;
            }
            else
            {
                parts.Add(new SparsePart(offset, number));
                offset = -1;
            }
        }
        return true;
    }

    private static byte[] Value(Dictionary<string, byte[]> records, string key) => records.GetValueOrDefault(key, []);

    private static InvalidTarException CutOff(PendingHeaders pending, string problem) => new(problem, pending.Offset) { IsCutOff = true };

    private static InvalidTarException Invalid(PendingHeaders pending, string problem) =>
        new(problem, pending.Offset, pending.Local?.GetValueOrDefault(PaxRecords.Path) ?? pending.LongName);
}
