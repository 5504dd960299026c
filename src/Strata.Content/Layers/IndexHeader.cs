using System.Buffers.Binary;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// The head of an index file: magic 8, version 4, flags 4, diff id 32, size of the tar 8, count 4, reserved 4, bytes of the heap 8, bytes of the
/// recipe 8, reserved 16. After it the records, the heap, the sha256 of all before; then the recipe and its sha256.
/// </summary>
internal readonly record struct IndexHeader(Digest DiffId, long TarSize, int Count, long HeapSize, long RecipeSize, bool SelfContained)
{
    internal const int Size = 96;
    internal const int HashSize = 32;

    /// <summary>Bytes of records and heap together: an index is read as one array.</summary>
    internal const long LargestContent = 0x7FFFFFC7 - Size - HashSize;

    private const uint Version = 1;
    private const uint SelfContainedFlag = 1;

    private static ReadOnlySpan<byte> Magic => "strata\0L"u8;

    internal long HeapOffset => Size + ((long)Count * EntryRecord.Size);

    /// <summary>All but the recipe, hash included.</summary>
    internal long FrontSize => HeapOffset + HeapSize + HashSize;

    internal void Write(Span<byte> to)
    {
        to[..Size].Clear();
        Magic.CopyTo(to);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], SelfContained ? SelfContainedFlag : 0);
        Convert.FromHexString(DiffId.Hex, to[16..48], out _, out _);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], TarSize);
        BinaryPrimitives.WriteInt32LittleEndian(to[56..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(to[64..], HeapSize);
        BinaryPrimitives.WriteInt64LittleEndian(to[72..], RecipeSize);
    }

    internal static IndexHeader Read(ReadOnlySpan<byte> from)
    {
        if (from.Length < Size || !from.StartsWith(Magic))
        {
            throw new InvalidDataException("A file that should be a layer's index is none. Remove it: it is made again from the layer.");
        }
        var version = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        if (version != Version)
        {
            throw new InvalidDataException($"A layer's index has format {version}, this program reads format {Version}. Remove it: it is made again from the layer.");
        }
        var header = new IndexHeader(
            Digest.FromHash(DigestAlgorithm.Sha256, from[16..48]),
            BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[56..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[64..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[72..]),
            (BinaryPrimitives.ReadUInt32LittleEndian(from[12..]) & SelfContainedFlag) != 0);
        return header.Count < 0 || header.HeapSize < 0 || header.RecipeSize < 0 || header.HeapSize > int.MaxValue
            || header.FrontSize - Size - HashSize > LargestContent
            ? throw Damaged()
            : header;
    }

    internal static InvalidDataException Damaged() => new("A layer's index is damaged. Remove it: it is made again from the layer.");
}
