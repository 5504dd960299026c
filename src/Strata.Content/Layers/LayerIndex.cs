using System.Security.Cryptography;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>
/// What is in one layer, without its contents: entries in <see cref="PathOrder"/>, decoded only when they are asked for. A path may have up to
/// three entries: the file itself, then a <see cref="EntryKind.Whiteout"/>, then an <see cref="EntryKind.OpaqueWhiteout"/>. Immutable.
/// </summary>
public sealed class LayerIndex
{
    private readonly IndexHeader _header;
    private readonly ReadOnlyMemory<byte> _records;
    private readonly ReadOnlyMemory<byte> _heap;
    private readonly RecipeSource _recipe;

    private LayerIndex(IndexHeader header, ReadOnlyMemory<byte> records, ReadOnlyMemory<byte> heap, RecipeSource recipe) =>
        (_header, _records, _heap, _recipe) = (header, records, heap, recipe);

    /// <summary>The digest of the uncompressed tar.</summary>
    public Digest DiffId => _header.DiffId;

    /// <summary>Bytes of the uncompressed tar.</summary>
    public long TarSize => _header.TarSize;

    public int Count => _header.Count;

    /// <summary>Extracted alone it is what it is in any stack: no whiteout, and an entry for every directory that is above another entry.</summary>
    public bool SelfContained => _header.SelfContained;

    /// <summary><see cref="TarRebuilder"/> can make the tar again.</summary>
    public bool Rebuildable => _header.RecipeSize > 0;

    public LayerEntry this[int position] => EntryRecord.Read(Record(position), _heap);

    /// <summary>The file at the path; where there is none, a whiteout of it; else -1.</summary>
    public int Find(ImagePath path)
    {
        var position = LowerBound(path.Bytes);
        return position < Count && PathAt(position).SequenceEqual(path.Bytes) ? position : -1;
    }

    /// <summary>The entries below a directory, itself excluded; they follow one another.</summary>
    public (int First, int Count) Below(ImagePath directory) => PathSearch.Below(new Paths(this), directory.Bytes);

    /// <summary>Reads an index file; its recipe is only read when a tar is made from it, so the file must stay until then.</summary>
    public static LayerIndex Open(string path)
    {
        using var file = File.OpenHandle(path);
        var head = new byte[IndexHeader.Size];
        Fill(file, head, 0);
        var header = IndexHeader.Read(head);
        if (RandomAccess.GetLength(file) != header.FrontSize + header.RecipeSize + IndexHeader.HashSize)
        {
            throw IndexHeader.Damaged();
        }
        var front = new byte[header.FrontSize];
        Fill(file, front, 0);
        return Checked(header, front, new RecipeSource(path, header.FrontSize, header.RecipeSize));
    }

    public static LayerIndex Parse(ReadOnlyMemory<byte> file)
    {
        var header = IndexHeader.Read(file.Span);
        if (file.Length != header.FrontSize + header.RecipeSize + IndexHeader.HashSize)
        {
            throw IndexHeader.Damaged();
        }
        return Checked(header, file[..(int)header.FrontSize], new RecipeSource(file[(int)header.FrontSize..]));
    }

    public void Write(Stream to)
    {
        var head = new byte[IndexHeader.Size];
        _header.Write(head);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<ReadOnlyMemory<byte>>)[head, _records, _heap])
        {
            hash.AppendData(part.Span);
            to.Write(part.Span);
        }
        to.Write(hash.GetHashAndReset());
        to.Write(_recipe.ReadWithHash().Span);
    }

    /// <param name="recipe">With its sha256 at the end, or that alone.</param>
    internal static LayerIndex Create(Digest diffId, long tarSize, IndexRecords entries, ReadOnlyMemory<byte> recipe)
    {
        entries = entries.InOrder();
        var recipeSize = recipe.Length - IndexHeader.HashSize;
        var header = new IndexHeader(diffId, tarSize, entries.Count, entries.Heap.Length, recipeSize, entries.AreSelfContained());
        return new LayerIndex(header, entries.Records, entries.Heap, new RecipeSource(recipe));
    }

    internal ReadOnlySpan<byte> PathAt(int position) => EntryRecord.Path(Record(position), _heap.Span);

    internal EntryKind KindAt(int position) => EntryRecord.Kind(Record(position));

    internal long ContentOffsetAt(int position) => EntryRecord.ContentOffset(Record(position));

    internal ReadOnlyMemory<byte> Recipe() => _recipe.Read();

    /// <summary>The first position whose path is not before <paramref name="path"/>.</summary>
    internal int LowerBound(ReadOnlySpan<byte> path) => PathSearch.LowerBound(new Paths(this), path);

    /// <summary>Where the entries of a path and of what is below it end, searched from a position that is not before its first.</summary>
    internal int EndOf(ReadOnlySpan<byte> path, int from) => PathSearch.EndOf(new Paths(this), path, from);

    private ReadOnlySpan<byte> Record(int position) => (uint)position < (uint)Count
        ? _records.Span.Slice(position * EntryRecord.Size, EntryRecord.Size)
        : throw new ArgumentOutOfRangeException(nameof(position), position, $"The layer has {Count} entries.");

    private static void Fill(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0)
            {
                throw IndexHeader.Damaged();
            }
            buffer = buffer[read..];
            offset += read;
        }
    }

    // The hash finds damage; what lies outside the heap can only come from a program that wrote it so.
    private static LayerIndex Checked(IndexHeader header, ReadOnlyMemory<byte> front, RecipeSource recipe)
    {
        Span<byte> hash = stackalloc byte[IndexHeader.HashSize];
        SHA256.HashData(front.Span[..^IndexHeader.HashSize], hash);
        if (!hash.SequenceEqual(front.Span[^IndexHeader.HashSize..]))
        {
            throw IndexHeader.Damaged();
        }
        var records = front[IndexHeader.Size..(int)header.HeapOffset];
        var heap = front.Slice((int)header.HeapOffset, (int)header.HeapSize);
        for (var left = records.Span; !left.IsEmpty; left = left[EntryRecord.Size..])
        {
            if (!EntryRecord.IsSound(left[..EntryRecord.Size], heap.Span))
            {
                throw IndexHeader.Damaged();
            }
        }
        return new LayerIndex(header, records, heap, recipe);
    }

    private readonly struct Paths(LayerIndex index) : IPathsInOrder
    {
        public int Count => index.Count;

        public ReadOnlySpan<byte> this[int position] => index.PathAt(position);
    }
}
