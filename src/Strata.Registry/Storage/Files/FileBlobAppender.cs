using Microsoft.Win32.SafeHandles;
using Strata.Linux;

namespace Strata.Registry.Storage.Files;

/// <summary>
/// Appends to a file. Reads and writes go through the page cache and are done on the calling thread: an asynchronous file call would only
/// move them to another one.
/// </summary>
internal sealed class FileBlobAppender(SafeFileHandle handle, string directory, long length) : BlobAppender
{
    private const long WritebackSize = 8 * 1024 * 1024;
    private long _length = length;
    private long _begun = length;
    private bool _named = length > 0;
    private bool _dirty;

    public override long Length => _length;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RandomAccess.Write(handle, content.Span, _length);
        _length += content.Length;
        _dirty = true;
        // The disk works while the network brings more; the sync in the end waits for the last piece only.
        if (_length - _begun >= WritebackSize)
        {
            Durable.BeginSync(handle, _begun, _length - _begun);
            _begun = _length;
        }
        return ValueTask.CompletedTask;
    }

    public override ValueTask<ReadOnlyMemory<byte>> SyncAsync(CancellationToken cancellationToken)
    {
        Sync();
        return new(ReadOnlyMemory<byte>.Empty);
    }

    public override ValueTask SealAsync(CancellationToken cancellationToken)
    {
        Sync();
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> ReadBackAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(RandomAccess.Read(handle, buffer.Span, offset));
    }

    public override ValueTask DisposeAsync()
    {
        handle.Dispose();
        return ValueTask.CompletedTask;
    }

    // The file's bytes, then once its name in the folder.
    private void Sync()
    {
        if (_dirty)
        {
            Durable.Sync(handle);
            _dirty = false;
        }
        if (!_named)
        {
            Durable.SyncDirectory(directory);
            _named = true;
        }
    }
}
