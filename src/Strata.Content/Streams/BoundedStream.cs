namespace Strata.Content.Streams;

/// <summary>
/// At most <paramref name="limit"/> bytes of <paramref name="source"/>, which it owns; a source that goes on is refused with a
/// <see cref="ContentTooLargeException"/> rather than cut. <paramref name="what"/> names the content in that message ("the manifest").
/// </summary>
public sealed class BoundedStream(Stream source, long limit, string what) : ReadOnlyStream
{
    private long _taken;

    public override int Read(Span<byte> buffer) => buffer.IsEmpty ? 0 : Take(source.Read(buffer[..Portion(buffer.Length)]));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? 0 : Take(await source.ReadAsync(buffer[..Portion(buffer.Length)], cancellationToken));

    /// <summary>Reads <paramref name="source"/> whole, but never more than <paramref name="limit"/> bytes. The source stays open.</summary>
    public static async ValueTask<byte[]> ReadAllAsync(Stream source, int limit, string what, CancellationToken cancellationToken)
    {
        // Not disposed: that would close the caller's source.
        var bounded = new BoundedStream(source, limit, what);
        using var buffer = new MemoryStream();
        await bounded.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    // One byte past the limit is asked for, to tell an end from a cut.
    private int Portion(int wanted) => (int)Math.Min(wanted, limit - _taken + 1);

    private int Take(int read)
    {
        _taken += read;
        return _taken <= limit ? read : throw new ContentTooLargeException(what, limit);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }
        base.Dispose(disposing);
    }
}

/// <summary>Content has more bytes than it may have.</summary>
public sealed class ContentTooLargeException(string what, long limit)
    : IOException($"{what} has more than the {limit:N0} bytes it may have; it was refused.");
