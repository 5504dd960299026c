using System.Runtime.ExceptionServices;
using Strata.Content.Streams;

namespace Strata.Content.Compression;

/// <summary>
/// Reads its source on a thread of its own, a megabyte ahead, so that unpacking and what is done with the unpacked bytes overlap.
/// Read by one thread at a time. Disposing stops the thread before the source, which it owns, is closed.
/// </summary>
internal sealed class ReadAheadStream : ReadOnlyStream
{
    private const int Pieces = 4;
    private const int PieceSize = 256 * 1024;

    // What is left of a piece after this is not worth a read; decoders never see tiny buffers.
    private const int SmallestRead = 4096;

    private readonly Stream _source;
    private readonly byte[][] _pieces = new byte[Pieces][];
    private readonly int[] _lengths = new int[Pieces];
    private readonly SemaphoreSlim _filled = new(0);
    private readonly SemaphoreSlim _free = new(Pieces);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _reader;
    private ExceptionDispatchInfo? _failure;
    private ReadOnlyMemory<byte> _rest;
    private int _next;
    private bool _holdsPiece;
    private bool _ended;
    private bool _disposed;

    public ReadAheadStream(Stream source)
    {
        _source = source;
        _reader = new Thread(ReadSource) { IsBackground = true, Name = "read ahead" };
        _reader.Start();
    }

    public override int Read(Span<byte> buffer)
    {
        if (NeedsPiece(buffer.IsEmpty))
        {
            _filled.Wait();
            TakePiece();
        }
        return Hand(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (NeedsPiece(buffer.IsEmpty))
        {
            await _filled.WaitAsync(cancellationToken);
            TakePiece();
        }
        return Hand(buffer.Span);
    }

    private bool NeedsPiece(bool nothingWanted)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_rest.IsEmpty || _ended || nothingWanted)
        {
            return false;
        }
        if (_holdsPiece)
        {
            _holdsPiece = false;
            _free.Release();
        }
        return true;
    }

    private void TakePiece()
    {
        var piece = _next++ % Pieces;
        _rest = _pieces[piece].AsMemory(0, _lengths[piece]);
        _holdsPiece = true;
        // An empty piece is the last one: the end, or the failure that takes its place.
        _ended = _rest.IsEmpty;
    }

    private int Hand(Span<byte> buffer)
    {
        if (_ended)
        {
            _failure?.Throw();
            return 0;
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    private void ReadSource()
    {
        for (var i = 0; ; i++)
        {
            try
            {
                _free.Wait(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            var piece = i % Pieces;
            _lengths[piece] = Fill(_pieces[piece] ??= GC.AllocateUninitializedArray<byte>(PieceSize));
            _filled.Release();
            if (_lengths[piece] == 0)
            {
                return;
            }
        }
    }

    // What fails on this thread is the reader's to know: whatever it is, it is thrown again there.
    private int Fill(byte[] piece)
    {
        if (_failure is not null)
        {
            return 0;
        }
        var length = 0;
        try
        {
            while (piece.Length - length >= SmallestRead && _source.Read(piece, length, piece.Length - length) is var read and > 0)
            {
                length += read;
            }
        }
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _stop.Cancel();
            _reader.Join();
            _source.Dispose();
            _stop.Dispose();
            _filled.Dispose();
            _free.Dispose();
        }
        base.Dispose(disposing);
    }
}
