using Strata.Oci;

namespace Strata.Content.Streams;

/// <summary>Passes writes on to <paramref name="target"/>, which it does not own, and names what went through.</summary>
public sealed class DigestingStream(Stream target, DigestAlgorithm algorithm = DigestAlgorithm.Sha256) : WriteOnlyStream
{
    private readonly ContentHasher _hasher = new(algorithm);

    /// <summary>The bytes that went through.</summary>
    public override long Length => _hasher.Length;

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

    public override void Flush() => target.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hasher.Dispose();
        }
        base.Dispose(disposing);
    }
}
