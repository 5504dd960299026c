using System.Security.Cryptography;

namespace Strata.Content.Layers;

/// <summary>The deflated recipe at the end of an index file and its sha256: in memory, or still in the file.</summary>
internal sealed class RecipeSource
{
    private readonly string? _path;
    private readonly long _offset;
    private readonly ReadOnlyMemory<byte> _withHash;
    private readonly long _size;

    internal RecipeSource(ReadOnlyMemory<byte> withHash) => (_withHash, _size) = (withHash, withHash.Length - IndexHeader.HashSize);

    internal RecipeSource(string path, long offset, long size) => (_path, _offset, _size) = (path, offset, size);

    internal ReadOnlyMemory<byte> Read()
    {
        var all = ReadWithHash();
        var recipe = all[..^IndexHeader.HashSize];
        return SHA256.HashData(recipe.Span).AsSpan().SequenceEqual(all.Span[^IndexHeader.HashSize..]) ? recipe : throw IndexHeader.Damaged();
    }

    internal ReadOnlyMemory<byte> ReadWithHash()
    {
        if (_path is null)
        {
            return _withHash;
        }
        var bytes = new byte[_size + IndexHeader.HashSize];
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        file.Position = _offset;
        file.ReadExactly(bytes);
        return bytes;
    }
}
