using Strata.Content.Streams;
using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>Writes a long file from its start, and lets the disk begin with it at once, so that making it durable in the end takes little.</summary>
internal sealed class SyncingStream(PendingFile file, string destination) : WriteOnlyStream
{
    private const long Portion = 8 << 20;

    private long _begun;
    private long _length;

    public override long Length => _length;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer, _length);
        }
        catch (LinuxException e)
        {
            throw OutputFailure.Of(destination, e);
        }
        _length += buffer.Length;
        if (_length - _begun >= Portion)
        {
            Durable.BeginSync(file.Handle, _begun, _length - _begun);
            _begun = _length;
        }
    }

    // On the caller's thread: a write goes to the page cache, and an asynchronous one would only move to another thread.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
