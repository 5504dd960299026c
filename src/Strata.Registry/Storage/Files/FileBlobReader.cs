using Microsoft.Win32.SafeHandles;

namespace Strata.Registry.Storage.Files;

/// <summary>Reads a file; the open descriptor outlives the file's name.</summary>
internal sealed class FileBlobReader(SafeFileHandle handle) : BlobReader
{
    public override long Length { get; } = RandomAccess.GetLength(handle);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        new(RandomAccess.Read(handle, buffer.Span, offset));

    public override ValueTask DisposeAsync()
    {
        handle.Dispose();
        return ValueTask.CompletedTask;
    }
}
