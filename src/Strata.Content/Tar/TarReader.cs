using System.Security.Cryptography;

namespace Strata.Content.Tar;

/// <summary>
/// Reads archives of any common kind: v7, ustar, GNU (long names, sparse), star, PAX (global records, sparse 0.0, 0.1, 1.0). Special
/// headers are applied and never given out. Reads ahead in the stream, which stays the caller's. An archive that ends at a
/// member's edge without its two zero blocks is accepted, as all readers do; one that ends inside a member is not.
/// </summary>
public sealed class TarReader : IDisposable
{
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly TarInput _input;
    private readonly HeaderDecoder _decoder;
    private TarHeader? _current;
    private List<SparsePart>? _parts;
    private int _part;
    private long _physicalLeft;
    private long _logicalPosition;
    private int _padding;
    private bool _ended;

    public TarReader(Stream stream, TarLimits limits, CancellationToken cancellationToken)
        : this(stream, limits, null, null, cancellationToken)
    {
    }

    internal TarReader(Stream stream, TarLimits limits, IncrementalHash? hash, RecipeWriter? recipe, CancellationToken cancellationToken)
    {
        _input = new TarInput(stream, limits, hash, recipe, cancellationToken);
        _decoder = new HeaderDecoder(_input, limits);
    }

    /// <summary>Bytes of the archive that were taken so far.</summary>
    public long Position => _input.Position;

    /// <summary>The next member; null at the end. What was not read of the one before is passed over.</summary>
    public TarHeader? ReadNext()
    {
        if (_ended)
        {
            return null;
        }
        Leave();
        _current = _decoder.ReadNext(out _parts, out _physicalLeft);
        if (_current is null)
        {
            _ended = true;
            return null;
        }
        _part = 0;
        _logicalPosition = 0;
        _padding = TarBlock.Padding(_physicalLeft);
        return _current;
    }

    /// <summary>Content of the current member, holes filled in; 0 at its end.</summary>
    public int Read(Span<byte> buffer)
    {
        var piece = Next(buffer.Length, buffer.Length, out var physical);
        piece.CopyTo(buffer);
        Take(piece.Length, physical);
        return piece.Length;
    }

    /// <summary>
    /// The next piece of the current content where it lies in the buffer, valid until <see cref="Take"/>; empty at the end. A content
    /// of up to <see cref="TarInput.LargestPiece"/> bytes without holes comes in one piece.
    /// </summary>
    internal ReadOnlySpan<byte> Peek(out bool isHole)
    {
        var piece = Next(Zeros.Length, TarInput.LargestPiece, out var physical);
        isHole = !physical;
        return piece;
    }

    internal void Take(int count, bool physical)
    {
        if (count == 0)
        {
            return;
        }
        if (physical)
        {
            _input.TakeContent(count, _current!.ContentOffset, _logicalPosition);
            _physicalLeft -= count;
        }
        _logicalPosition += count;
        if (_parts is not null && _part < _parts.Count && _logicalPosition == _parts[_part].End)
        {
            _part++;
        }
    }

    /// <summary>Takes what follows the archive's end, so that all bytes of the stream were seen.</summary>
    internal void Drain()
    {
        while (ReadNext() is not null)
        {
        }
        _input.SkipLiteral(long.MaxValue);
    }

    public void Dispose() => _input.Dispose();

    private ReadOnlySpan<byte> Next(int hole, int data, out bool physical)
    {
        physical = true;
        if (_current is null)
        {
            return default;
        }
        long left;
        if (_parts is null)
        {
            left = _physicalLeft;
        }
        else
        {
            while (_part < _parts.Count && _parts[_part].Length == 0)
            {
                _part++;
            }
            var next = _part < _parts.Count ? _parts[_part].Offset : _current.Size;
            if (_logicalPosition < next)
            {
                physical = false;
                return Zeros.AsSpan(0, (int)Math.Min(Math.Min(hole, Zeros.Length), next - _logicalPosition));
            }
            left = _part < _parts.Count ? _parts[_part].End - _logicalPosition : 0;
        }
        var wanted = (int)Math.Min(Math.Min(data, TarInput.LargestPiece), left);
        var piece = _input.Peek(wanted);
        return piece.Length == 0 && wanted > 0 ? throw CutOff() : piece;
    }

    private void Leave()
    {
        if (_current is null)
        {
            return;
        }
        if (!_input.SkipLiteral(_physicalLeft))
        {
            throw CutOff();
        }
        // Some programs leave the last member's padding away.
        _input.SkipLiteral(_padding);
        _current = null;
        _parts = null;
    }

    private InvalidTarException CutOff() => new("it is cut off inside a member's content", _input.Position, _current!.Name) { IsCutOff = true };
}
