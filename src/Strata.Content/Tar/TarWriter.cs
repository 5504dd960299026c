using System.Buffers;
using System.Security.Cryptography;

namespace Strata.Content.Tar;

/// <summary>
/// Writes ustar headers, with a PAX header before them only where the name, a number, a time or extended attributes need one; no
/// access or change times, no owner's names. Output goes out in large pieces; the stream stays the caller's. The bytes are
/// those that Go's archive/tar writes for the same headers, so that equal layers get equal diff ids whoever makes them.
/// </summary>
public sealed class TarWriter : IDisposable
{
    private const int BufferSize = 1024 * 1024;

    private readonly Stream _stream;
    private readonly IncrementalHash? _hash;
    private readonly RecipeWriter? _recipe;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _used;
    private long _flushed;
    private long _contentStart;
    private long _contentLeft;
    private int _padding;

    public TarWriter(Stream stream)
        : this(stream, null, null)
    {
    }

    internal TarWriter(Stream stream, IncrementalHash? hash, RecipeWriter? recipe) => (_stream, _hash, _recipe) = (stream, hash, recipe);

    /// <summary>Bytes of the archive so far.</summary>
    public long Position => _flushed + _used;

    /// <summary>Writes the headers; content of <see cref="TarHeader.Size"/> bytes must follow where the type has any. Sparse members are not written.</summary>
    public void WriteHeader(TarHeader header)
    {
        EndMember();
        if (PaxHeader.For(header) is { } pax)
        {
            WriteBlock(PaxHeader.Block(header, pax.Length));
            Literal(pax);
            Pad(TarBlock.Padding(pax.Length));
        }
        WriteBlock(UstarBlock.Of(header, stackalloc byte[TarBlock.Size]));
        _contentLeft = TarType.IsHeaderOnly(header.Type) ? 0 : header.Size;
        _padding = TarBlock.Padding(_contentLeft);
        _contentStart = Position;
    }

    /// <summary>More of the current member's content.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        if (content.Length >= BufferSize && content.Length <= _contentLeft)
        {
            WriteThrough(content);
            return;
        }
        while (!content.IsEmpty)
        {
            var room = ContentBuffer();
            var piece = content[..Math.Min(content.Length, room.Length)];
            piece.CopyTo(room.Span);
            ContentWritten(piece.Length);
            content = content[piece.Length..];
        }
    }

    /// <summary>Two zero blocks, and everything to the stream.</summary>
    public void Complete()
    {
        EndMember();
        Pad(2 * TarBlock.Size);
        Flush();
    }

    /// <summary>Where the next bytes of the content may be put in place; say how many with <see cref="ContentWritten"/>.</summary>
    internal Memory<byte> ContentBuffer()
    {
        if (_contentLeft == 0)
        {
            throw new InvalidOperationException("The member has all the content its header announced.");
        }
        if (_used == _buffer.Length)
        {
            Flush();
        }
        return _buffer.AsMemory(_used, (int)Math.Min(_contentLeft, _buffer.Length - _used));
    }

    /// <summary>Makes <see cref="ContentBuffer"/> hold this many bytes in one piece, where that is possible at all.</summary>
    internal void MakeRoom(long count)
    {
        if (_buffer.Length - _used < count && _used > 0)
        {
            Flush();
        }
    }

    internal void ContentWritten(int count)
    {
        _recipe?.Content(_contentStart, Position - _contentStart, count);
        _used += count;
        _contentLeft -= count;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
        _buffer = [];
    }

    private void WriteThrough(ReadOnlySpan<byte> content)
    {
        Flush();
        _recipe?.Content(_contentStart, Position - _contentStart, content.Length);
        _hash?.AppendData(content);
        _stream.Write(content);
        _flushed += content.Length;
        _contentLeft -= content.Length;
    }

    private void EndMember()
    {
        if (_contentLeft > 0)
        {
            throw new InvalidOperationException($"A member lacks {_contentLeft} bytes of the content its header announced.");
        }
        Pad(_padding);
        _padding = 0;
    }

    private void WriteBlock(ReadOnlySpan<byte> block) => Literal(block);

    private void Literal(ReadOnlySpan<byte> bytes)
    {
        _recipe?.Literal(bytes);
        while (!bytes.IsEmpty)
        {
            if (_used == _buffer.Length)
            {
                Flush();
            }
            var piece = bytes[..Math.Min(bytes.Length, _buffer.Length - _used)];
            piece.CopyTo(_buffer.AsSpan(_used));
            _used += piece.Length;
            bytes = bytes[piece.Length..];
        }
    }

    private void Pad(int count)
    {
        Span<byte> zeros = stackalloc byte[2 * TarBlock.Size];
        zeros.Clear();
        Literal(zeros[..count]);
    }

    private void Flush()
    {
        _hash?.AppendData(_buffer, 0, _used);
        _stream.Write(_buffer, 0, _used);
        _flushed += _used;
        _used = 0;
    }
}
