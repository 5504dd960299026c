using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

/// <summary>Writes files of a layer from its tar, for one thread. Small files that follow one another are read from the tar together.</summary>
internal sealed class IndexedFileWriter(LayerIndex index, SafeFileHandle tar, LayerTarget target) : IDisposable
{
    private const int WindowSize = 1024 * 1024;

    private readonly byte[] _window = ArrayPool<byte>.Shared.Rent(WindowSize);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _start;
    private int _length;

    internal void Write(ReadOnlySpan<(long Offset, int Position)> files, CancellationToken cancellationToken)
    {
        var last = files[^1];
        var end = last.Offset + index[last.Position].Size;
        foreach (var (_, position) in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(index[position], end, cancellationToken);
        }
    }

    public void Dispose()
    {
        target.Dispose();
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_window);
    }

    private void Write(LayerEntry entry, long end, CancellationToken cancellationToken)
    {
        using var file = target.CreateFile(entry.Path, entry.Mode);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (entry.Size <= WindowSize)
        {
            var content = Read(entry.TarOffset, (int)entry.Size, end);
            SHA256.HashData(content, hash);
            HostFile.Write(file, content);
        }
        else
        {
            for (long position = 0; position < entry.Size; position += WindowSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = Read(entry.TarOffset + position, (int)Math.Min(WindowSize, entry.Size - position), end);
                _hash.AppendData(piece);
                HostFile.Write(file, piece);
            }
            _hash.GetHashAndReset(hash);
        }
        var digest = Digest.FromHash(DigestAlgorithm.Sha256, hash);
        if (digest != entry.Content)
        {
            throw ContentMismatchException.Other(entry.Content!.Value, digest);
        }
        target.Finish(file, entry);
    }

    /// <param name="offset">Where the bytes begin in the tar.</param>
    /// <param name="count">Up to the size of the window.</param>
    /// <param name="end">Nothing after it is wanted.</param>
    private ReadOnlySpan<byte> Read(long offset, int count, long end)
    {
        if (offset < _start || offset + count > _start + _length)
        {
            _start = offset;
            _length = 0;
            var wanted = (int)Math.Min(WindowSize, Math.Max(end - offset, count));
            while (_length < wanted)
            {
                var read = RandomAccess.Read(tar, _window.AsSpan(_length, wanted - _length), offset + _length);
                if (read == 0)
                {
                    break;
                }
                _length += read;
            }
            if (_length < count)
            {
                // A tar that was cut is found out here.
                throw ContentMismatchException.TooShort(index.DiffId, index.TarSize, index.DiffId, offset + _length);
            }
        }
        return _window.AsSpan((int)(offset - _start), count);
    }
}
