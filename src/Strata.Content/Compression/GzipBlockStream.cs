using System.Buffers.Binary;

namespace Strata.Content.Compression;

/// <summary>
/// Compresses what is written to it as one gzip member (RFC 1952), in blocks of a fixed size that several threads compress
/// independently. The bytes depend on content and level alone, never on the number of threads or on how the writes fell.
/// What was written is a whole gzip file only after <see cref="Complete"/>; disposing before that abandons it.
/// </summary>
public sealed class GzipBlockStream : Stream
{
    public const int DefaultLevel = 6;

    // With blocks of 4 MiB, input and output, this keeps the memory of one stream under 64 MiB.
    private const int MaxBlocks = 7;
    private const int FastLevels = 3;

    // No name, no time, unknown system: nothing of this machine goes in (RFC 1952, section 2.3.1).
    private static readonly byte[] Header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

#pragma warning disable CA2213 // The target is the caller's.
    private readonly Stream _target;
#pragma warning restore CA2213
    private readonly int _level;
    private readonly int _maxBlocks;
    private readonly Queue<(GzipBlock Block, Task Compressed)> _inFlight = new();
    private readonly Stack<GzipBlock> _free = new();
    private GzipBlock? _current;
    private int _blocks;
    private uint _crc;
    private long _length;
    private bool _started;
    private bool _completed;

    /// <param name="target">Gets the compressed bytes, from the writing thread alone; stays open.</param>
    /// <param name="level">zlib's, 0 to 9.</param>
    /// <param name="parallelism">The threads that compress at once; null for one per processor.</param>
    public GzipBlockStream(Stream target, int level = DefaultLevel, int? parallelism = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 9);
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism ?? 1, 1);
        _target = target;
        _level = level;
        _maxBlocks = Math.Min((parallelism ?? Environment.ProcessorCount) + 1, MaxBlocks);
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Small blocks where compressing is quick, large ones where a new compressor's missing history costs more.</summary>
    private int BlockSize => _level <= FastLevels ? 1 << 20 : 4 << 20;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        while (!buffer.IsEmpty)
        {
            _current ??= TakeFree() ?? WriteOldest();
            buffer = buffer[_current.Fill(buffer)..];
            Dispatch(onlyFull: true);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        while (!buffer.IsEmpty)
        {
            _current ??= TakeFree() ?? await WriteOldestAsync(cancellationToken);
            buffer = buffer[_current.Fill(buffer.Span)..];
            Dispatch(onlyFull: true);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Writes out what is left and the trailer. The stream takes nothing more.</summary>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        Dispatch(onlyFull: false);
        while (_inFlight.Count > 0)
        {
            _free.Push(WriteOldest());
        }
        _target.Write(Start());
        _target.Write(Trailer());
        _completed = true;
    }

    /// <inheritdoc cref="Complete"/>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        Dispatch(onlyFull: false);
        while (_inFlight.Count > 0)
        {
            _free.Push(await WriteOldestAsync(cancellationToken));
        }
        await _target.WriteAsync(Start(), cancellationToken);
        await _target.WriteAsync(Trailer(), cancellationToken);
        _completed = true;
    }

    private void Dispatch(bool onlyFull)
    {
        if (_current is { } block && (block.IsFull || !onlyFull))
        {
            _inFlight.Enqueue((block, Task.Run(block.Compress)));
            _current = null;
        }
    }

    private GzipBlock? TakeFree()
    {
        if (_free.TryPop(out var block))
        {
            return block;
        }
        if (_blocks == _maxBlocks)
        {
            return null;
        }
        _blocks++;
        return new GzipBlock(BlockSize, _level);
    }

    private GzipBlock WriteOldest()
    {
        var (block, compressed) = _inFlight.Dequeue();
        // A synchronous write has to wait for its turn; if no thread has begun the block yet, this one does it itself.
        compressed.GetAwaiter().GetResult();
        _target.Write(Start());
        _target.Write(block.Deflated.Span);
        return Retire(block);
    }

    private async ValueTask<GzipBlock> WriteOldestAsync(CancellationToken cancellationToken)
    {
        var (block, compressed) = _inFlight.Dequeue();
        await compressed;
        await _target.WriteAsync(Start(), cancellationToken);
        await _target.WriteAsync(block.Deflated, cancellationToken);
        return Retire(block);
    }

    private GzipBlock Retire(GzipBlock block)
    {
        _crc = Crc32Combination.Combine(_crc, block.Crc, block.Length);
        _length += block.Length;
        block.Clear();
        return block;
    }

    private byte[] Start()
    {
        var start = _started ? [] : Header;
        _started = true;
        return start;
    }

    private byte[] Trailer()
    {
        // An empty last block (fixed Huffman, RFC 1951, section 3.2.3), then CRC and length.
        var trailer = new byte[] { 0x03, 0x00, 0, 0, 0, 0, 0, 0, 0, 0 };
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(2), _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(6), unchecked((uint)_length));
        return trailer;
    }

    /// <summary>Does nothing: only whole blocks can be written out.</summary>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _completed = true;
            // Blocks still being compressed are left to the collector.
            _current?.Dispose();
            foreach (var block in _free)
            {
                block.Dispose();
            }
        }
        base.Dispose(disposing);
    }
}
