using Strata.Oci;

namespace Strata.Content.Streams;

/// <summary>Passes writes on to <paramref name="target"/>, which it does not own, and names what went through.</summary>
public sealed class DigestingStream(Stream target, DigestAlgorithm algorithm = DigestAlgorithm.Sha256) : Stream
{
    private readonly ContentHasher _hasher = new(algorithm);

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;

    /// <summary>The bytes that went through.</summary>
    public override long Length => _hasher.Length;

    public override long Position
    {
        get => _hasher.Length;
        set => throw new NotSupportedException();
    }

    /// <summary>The digest of what went through so far.</summary>
    public Digest Digest() => _hasher.Current();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        target.Write(buffer);
        _hasher.Append(buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await target.WriteAsync(buffer, cancellationToken);
        _hasher.Append(buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => target.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hasher.Dispose();
        }
        base.Dispose(disposing);
    }
}
