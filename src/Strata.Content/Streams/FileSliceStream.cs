using Microsoft.Win32.SafeHandles;

namespace Strata.Content.Streams;

/// <summary>
/// A part of a file that can be read anywhere, for readers that share the file; it stays open. A file that ends before the part does
/// is an end of the stream.
/// </summary>
public sealed class FileSliceStream(SafeFileHandle file, long offset, long length) : ReadOnlyStream
{
    private long _taken;

    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(file, buffer[..Portion(buffer.Length)], offset + _taken);
        _taken += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await RandomAccess.ReadAsync(file, buffer[..Portion(buffer.Length)], offset + _taken, cancellationToken);
        _taken += read;
        return read;
    }

    private int Portion(int wanted) => (int)Math.Min(wanted, length - _taken);
}
