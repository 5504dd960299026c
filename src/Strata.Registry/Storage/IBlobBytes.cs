namespace Strata.Registry.Storage;

/// <summary>
/// Bytes at opaque places. A place is appended to by one writer at a time, sealed, then only read, then deleted. The row that names a
/// place is written before its first byte and removed after its last, so nothing here ever has to be searched for orphans.
/// </summary>
public interface IBlobBytes
{
    /// <summary>
    /// Goes on writing a place at <paramref name="offset"/>, 0 for a new one. What was written beyond and never acknowledged is dropped.
    /// </summary>
    /// <param name="place">The place.</param>
    /// <param name="offset">In bytes, as it was when <paramref name="parts"/> was returned.</param>
    /// <param name="parts">What the last <see cref="BlobAppender.SyncAsync"/> returned; empty for a new place.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="BlobBytesLostException">The place holds less than <paramref name="offset"/> bytes.</exception>
    ValueTask<BlobAppender> AppendAsync(BlobPlace place, long offset, ReadOnlyMemory<byte> parts, CancellationToken cancellationToken);

    /// <summary>Opens a sealed place. It stays readable until it is disposed, even when the place is deleted meanwhile.</summary>
    /// <exception cref="BlobBytesLostException">The place is not there.</exception>
    ValueTask<BlobReader> OpenAsync(BlobPlace place, CancellationToken cancellationToken);

    /// <summary>Removes what is at a place, sealed or not; a place that holds nothing is no error.</summary>
    ValueTask DeleteAsync(BlobPlace place, CancellationToken cancellationToken);
}

/// <summary>The writing end of a place. Disposing without sealing keeps what was synced, to be gone on with later.</summary>
public abstract class BlobAppender : IAsyncDisposable
{
    /// <summary>Bytes at the place so far, those before this appender included.</summary>
    public abstract long Length { get; }

    /// <summary>The caller may reuse <paramref name="content"/> when this ends.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>When this ends, everything written survives a crash. Returns what the storage needs to go on later.</summary>
    public abstract ValueTask<ReadOnlyMemory<byte>> SyncAsync(CancellationToken cancellationToken);

    /// <summary>As <see cref="SyncAsync"/>, and the place can be opened from now on. Nothing may be written afterwards.</summary>
    public abstract ValueTask SealAsync(CancellationToken cancellationToken);

    /// <summary>Reads what was written before; 0 at its end.</summary>
    public abstract ValueTask<int> ReadBackAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

/// <summary>The reading end of a sealed place.</summary>
public abstract class BlobReader : IAsyncDisposable
{
    public abstract long Length { get; }

    /// <summary>Fills as much of <paramref name="buffer"/> as comes at once; 0 at the end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

/// <summary>The database names bytes that the storage does not have.</summary>
public sealed class BlobBytesLostException(string message) : IOException(message);
