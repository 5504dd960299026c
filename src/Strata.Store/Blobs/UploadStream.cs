using Strata.Content.Streams;

namespace Strata.Store;

/// <summary>Writes into an upload, which it does not own.</summary>
internal sealed class UploadStream(BlobUpload upload, bool hashed) : WriteOnlyStream
{
    public override long Length => upload.Length;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (hashed)
        {
            upload.Append(buffer);
        }
        else
        {
            upload.AppendUnhashed(buffer);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
