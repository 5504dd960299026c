using Microsoft.Win32.SafeHandles;
using Strata.Content.Streams;

namespace Strata.Build;

/// <summary>A stretch of a file as a stream. The handle is not owned.</summary>
internal sealed class FilePart(SafeFileHandle file, long offset, long length) : ReadOnlyStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        var read = wanted == 0 ? 0 : RandomAccess.Read(file, buffer[..wanted], offset + _position);
        _position += read;
        return read;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
}
