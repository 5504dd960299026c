using System.Buffers;
using System.Security.Cryptography;

namespace Strata.Content.Tar;

/// <summary>
/// The bytes of an archive through one pooled buffer. Every byte is hashed once as it arrives, if asked; what is taken as
/// a literal (headers, padding, what nobody wants) also goes into the recipe, if there is one.
/// </summary>
internal sealed class TarInput(Stream stream, TarLimits limits, IncrementalHash? hash, RecipeWriter? recipe, CancellationToken cancellationToken) : IDisposable
{
    /// <summary>Up to this many bytes can be had in one piece.</summary>
    internal const int LargestPiece = 128 * 1024;
    private const int BufferSize = 2 * LargestPiece;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private bool _ended;

    internal long Position { get; private set; }

    internal RecipeWriter? Recipe => recipe;

    /// <summary>The next bytes, as many as there are but no more than <paramref name="wanted"/>; fewer only at the end of the archive.</summary>
    internal ReadOnlySpan<byte> Peek(int wanted)
    {
        if (_end - _start < wanted && !_ended)
        {
            Fill(wanted);
        }
        return _buffer.AsSpan(_start, Math.Min(wanted, _end - _start));
    }

    internal void TakeLiteral(int count)
    {
        recipe?.Literal(_buffer.AsSpan(_start, count));
        Advance(count);
    }

    /// <summary>Takes bytes of a content that others keep: <paramref name="content"/> is its name in the recipe.</summary>
    internal void TakeContent(int count, long content, long offset)
    {
        recipe?.Content(content, offset, count);
        Advance(count);
    }

    /// <summary>Takes and forgets; false where the archive ends before. Where nobody wants to see the bytes, a stream that can seek is not read.</summary>
    internal bool SkipLiteral(long count)
    {
        if (count > _end - _start && hash is null && recipe is null && stream.CanSeek && !_ended)
        {
            return SeekOver(count);
        }
        while (count > 0)
        {
            var piece = Peek((int)Math.Min(count, LargestPiece)).Length;
            if (piece == 0)
            {
                return false;
            }
            TakeLiteral(piece);
            count -= piece;
        }
        return true;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
        _buffer = [];
    }

    private bool SeekOver(long count)
    {
        var buffered = _end - _start;
        var unread = Math.Min(count - buffered, stream.Length - stream.Position);
        stream.Seek(unread, SeekOrigin.Current);
        (_start, _end) = (0, 0);
        Position += buffered + unread;
        return buffered + unread == count || count == long.MaxValue;
    }

    private void Advance(int count)
    {
        _start += count;
        Position += count;
    }

    private void Fill(int wanted)
    {
        if (_buffer.Length - _start < wanted)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        while (_end - _start < wanted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                _ended = true;
                return;
            }
            hash?.AppendData(_buffer, _end, read);
            _end += read;
            if (Position + (_end - _start) > limits.TotalSize)
            {
                throw new InvalidTarException($"it has more than {limits.TotalSize} bytes, the most that is allowed", Position);
            }
        }
    }
}
