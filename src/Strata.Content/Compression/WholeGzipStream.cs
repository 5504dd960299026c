using System.IO.Compression;
using Strata.Content.Streams;

namespace Strata.Content.Compression;

/// <summary>
/// The content of gzip members that fill <paramref name="source"/> to its end. The framework's decoder takes an end in the middle of
/// a member, or other bytes after one, for an end of the content; here either is an <see cref="InvalidDataException"/>.
/// It is told by a member of our own behind the source's end: what it holds must be the last thing that comes out.
/// </summary>
internal sealed class WholeGzipStream(Stream source) : ReadOnlyStream
{
    private static readonly byte[] Mark = "strata: the end."u8.ToArray();
    private static readonly byte[] MarkMember = Compress(Mark);

    private readonly GZipStream _decoder = new(new Followed(source, MarkMember), CompressionMode.Decompress);
    private readonly byte[] _heldBack = new byte[Mark.Length];
    private int _held;

    /// <summary><paramref name="buffer"/> must be longer than the mark.</summary>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            _heldBack.AsSpan(0, _held).CopyTo(buffer);
            var read = _decoder.Read(buffer[_held..]);
            if (read == 0)
            {
                return _heldBack.AsSpan(0, _held).SequenceEqual(Mark)
                    ? 0
                    : throw new InvalidDataException("The gzip data ends early, or is followed by something else.");
            }
            var total = _held + read;
            _held = Math.Min(total, Mark.Length);
            buffer[(total - _held)..total].CopyTo(_heldBack);
            if (total > _held)
            {
                return total - _held;
            }
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
        }
        base.Dispose(disposing);
    }

    private static byte[] Compress(byte[] content)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }
        return buffer.ToArray();
    }

    private sealed class Followed(Stream first, ReadOnlyMemory<byte> then) : ReadOnlyStream
    {
        private ReadOnlyMemory<byte> _then = then;

        public override int Read(Span<byte> buffer)
        {
            if (first.Read(buffer) is var read and > 0)
            {
                return read;
            }
            var count = Math.Min(buffer.Length, _then.Length);
            _then.Span[..count].CopyTo(buffer);
            _then = _then[count..];
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));
    }
}
