using Strata.Oci;

namespace Strata.Content.Streams;

/// <summary>
/// Content that proves itself while it is read. The last bytes are handed out only once size and digest are right, and an end
/// is reported only when the source ends there too; anything else is a <see cref="ContentMismatchException"/>.
/// </summary>
public sealed class VerifyingStream : ReadOnlyStream
{
    private readonly Stream _source;
    private readonly ContentHasher _hasher;
    private readonly bool _leaveOpen;

    public VerifyingStream(Stream source, Digest digest, long size, bool leaveOpen = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        _source = source;
        _hasher = new ContentHasher(digest.Algorithm);
        _leaveOpen = leaveOpen;
        (Digest, Size) = (digest, size);
    }

    public Digest Digest { get; }

    public long Size { get; }

    /// <summary>Told how many bytes have been read in all, after each read.</summary>
    public IProgress<long>? Progress { get; set; }

    /// <summary>
    /// <paramref name="content"/> verified against <paramref name="blob"/>: itself where it verifies just that already, so that bytes
    /// which pass from one medium to another are hashed once. To be disposed is <paramref name="content"/>, not the result.
    /// </summary>
    public static VerifyingStream Over(Stream content, Descriptor blob) =>
        content is VerifyingStream stream && stream.Digest == blob.Digest && stream.Size == blob.Size && stream._hasher.Length == 0
            ? stream
            : new VerifyingStream(content, blob.Digest, blob.Size, leaveOpen: true);

    public override int Read(Span<byte> buffer) =>
        buffer.IsEmpty ? 0 : Take(buffer, _source.Read(buffer[..Portion(buffer.Length)]));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }
        var read = await _source.ReadAsync(buffer[..Portion(buffer.Length)], cancellationToken);
        return Take(buffer.Span, read);
    }

    // After the last byte one more is asked for, to see that there is none.
    private int Portion(int wanted) => (int)Math.Min(wanted, Math.Max(1, Size - _hasher.Length));

    private int Take(Span<byte> buffer, int read)
    {
        if (read == 0)
        {
            if (_hasher.Length < Size)
            {
                throw ContentMismatchException.TooShort(Digest, Size, _hasher.Current(), _hasher.Length);
            }
            if (Size == 0)
            {
                CheckDigest();
            }
            return 0;
        }
        if (_hasher.Length == Size)
        {
            throw ContentMismatchException.TooLong(Digest, Size);
        }
        _hasher.Append(buffer[..read]);
        if (_hasher.Length == Size)
        {
            CheckDigest();
        }
        Progress?.Report(_hasher.Length);
        return read;
    }

    private void CheckDigest()
    {
        if (_hasher.Current() is var actual && actual != Digest)
        {
            throw ContentMismatchException.Other(Digest, actual);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hasher.Dispose();
            if (!_leaveOpen)
            {
                _source.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_leaveOpen)
        {
            await _source.DisposeAsync();
        }
        await base.DisposeAsync();
    }
}
