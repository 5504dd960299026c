using Strata.Content.Streams;

namespace Strata.Content.Compression;

/// <summary>
/// Compresses what is written to it in blocks of a fixed size that several threads compress independently. The bytes depend on content
/// and level alone, never on the number of threads or on how the writes fell. What was written is whole only after
/// <see cref="Complete"/>; disposing before that abandons it, and flushing does nothing.
/// </summary>
public abstract class CompressingStream : WriteOnlyStream
{
    /// <summary>The most that blocks, each with its input and its output, take of one stream.</summary>
    private const int MostMemory = 64 << 20;

#pragma warning disable CA2213 // The target is the caller's.
    private readonly Stream _target;
#pragma warning restore CA2213
    private readonly int _maxBlocks;
    private readonly Queue<(CompressionBlock Block, Task Compressed)> _inFlight = new();
    private readonly Stack<CompressionBlock> _free = new();
    private CompressionBlock? _current;
    private int _blocks;
    private bool _started;
    private bool _completed;

    /// <param name="target">Gets the compressed bytes, from the writing thread alone; stays open.</param>
    /// <param name="blockSize">Of each block but the last.</param>
    /// <param name="parallelism">The threads that compress at once; null for one per processor.</param>
    private protected CompressingStream(Stream target, int blockSize, int? parallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism ?? 1, 1);
        _target = target;
        _maxBlocks = Math.Min((parallelism ?? Environment.ProcessorCount) + 1, MostMemory / (2 * blockSize));
    }

    private protected abstract CompressionBlock NewBlock();

    /// <summary>What comes before the first block.</summary>
    private protected abstract byte[] Start();

    /// <summary>What comes after the last block.</summary>
    private protected abstract byte[] Trailer();

    /// <summary>Called with each block, in order, once it is written.</summary>
    private protected abstract void Written(CompressionBlock block);

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

    /// <summary>Writes out what is left and the trailer. The stream takes nothing more.</summary>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        Dispatch(onlyFull: false);
        while (_inFlight.Count > 0)
        {
            _free.Push(WriteOldest());
        }
        _target.Write(TakeStart());
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
        await _target.WriteAsync(TakeStart(), cancellationToken);
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

    private CompressionBlock? TakeFree()
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
        return NewBlock();
    }

    private CompressionBlock WriteOldest()
    {
        var (block, compressed) = _inFlight.Dequeue();
        // A synchronous write has to wait for its turn; if no thread has begun the block yet, this one does it itself.
        compressed.GetAwaiter().GetResult();
        _target.Write(TakeStart());
        _target.Write(block.Compressed.Span);
        return Retire(block);
    }

    private async ValueTask<CompressionBlock> WriteOldestAsync(CancellationToken cancellationToken)
    {
        var (block, compressed) = _inFlight.Dequeue();
        await compressed;
        await _target.WriteAsync(TakeStart(), cancellationToken);
        await _target.WriteAsync(block.Compressed, cancellationToken);
        return Retire(block);
    }

    private CompressionBlock Retire(CompressionBlock block)
    {
        Written(block);
        block.Clear();
        return block;
    }

    private byte[] TakeStart()
    {
        var start = _started ? [] : Start();
        _started = true;
        return start;
    }

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
