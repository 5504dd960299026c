using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using Strata.Content.Tar;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>Makes a layer's tar again, to the byte, from its index and the contents of its files.</summary>
public static class TarRebuilder
{
    /// <summary>
    /// Writes the tar to <paramref name="to"/>. <paramref name="open"/> gives the content of a regular entry of the index (never of a hard link), holes filled in; the
    /// stream is disposed. They are asked for in the order of the tar. Where the result is not what the index says, <see cref="InvalidDataException"/>
    /// comes after everything is written.
    /// </summary>
    public static void Rebuild(LayerIndex index, Func<LayerEntry, Stream> open, Stream to, CancellationToken cancellationToken)
    {
        if (!index.Rebuildable)
        {
            throw new InvalidOperationException($"The layer {index.DiffId.Short} cannot be made again from its files: its index has no recipe.");
        }
        using var rebuilding = new Rebuilding(index, open, to);
        rebuilding.Run(cancellationToken);
    }

    private sealed class Rebuilding(LayerIndex index, Func<LayerEntry, Stream> open, Stream to) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        private readonly Dictionary<long, int> _positions = Positions(index);
        private Stream? _content;
        private long _contentId = -1;
        private long _contentPosition;

        internal void Run(CancellationToken cancellationToken)
        {
            using var recipe = new BufferedStream(new DeflateStream(Bytes(index.Recipe()), CompressionMode.Decompress), 64 * 1024);
            while (recipe.ReadByte() is var tag and not RecipeWriter.EndTag)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (tag == RecipeWriter.LiteralTag)
                {
                    Copy(recipe, Leb128.Read(recipe));
                }
                else if (tag == RecipeWriter.ContentTag)
                {
                    Seek(Leb128.Read(recipe), Leb128.Read(recipe));
                    var length = Leb128.Read(recipe);
                    Copy(_content!, length);
                    _contentPosition += length;
                }
                else
                {
                    throw IndexHeader.Damaged();
                }
            }
            var digest = Digest.FromHash(DigestAlgorithm.Sha256, _hash.GetHashAndReset());
            if (digest != index.DiffId)
            {
                throw new InvalidDataException($"The layer {index.DiffId.Short} came out different ({digest.Short}) when it was made again from its files: one of them was changed.");
            }
        }

        public void Dispose()
        {
            _content?.Dispose();
            _hash.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        private static Dictionary<long, int> Positions(LayerIndex index)
        {
            var positions = new Dictionary<long, int>();
            for (var position = 0; position < index.Count; position++)
            {
                // An empty file starts where the next header does, and has no place in the recipe.
                if (index.KindAt(position) == EntryKind.Regular)
                {
                    positions[index.ContentOffsetAt(position)] = position;
                }
            }
            return positions;
        }

        private static MemoryStream Bytes(ReadOnlyMemory<byte> recipe) => new(recipe.ToArray(), writable: false);

        private void Seek(long id, long offset)
        {
            if (id != _contentId || offset < _contentPosition)
            {
                _content?.Dispose();
                _content = open(index[_positions[id]]);
                _contentId = id;
                _contentPosition = 0;
            }
            while (_contentPosition < offset)
            {
                var read = _content!.Read(_buffer, 0, (int)Math.Min(_buffer.Length, offset - _contentPosition));
                _contentPosition += read > 0 ? read : throw TooShort();
            }
        }

        private void Copy(Stream from, long length)
        {
            while (length > 0)
            {
                var read = from.Read(_buffer, 0, (int)Math.Min(_buffer.Length, length));
                if (read == 0)
                {
                    throw TooShort();
                }
                _hash.AppendData(_buffer, 0, read);
                to.Write(_buffer, 0, read);
                length -= read;
            }
        }

        private InvalidDataException TooShort() =>
            new($"The layer {index.DiffId.Short} cannot be made again from its files: {index[_positions.GetValueOrDefault(_contentId)].Path} is shorter than it was.");
    }
}
