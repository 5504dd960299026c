using System.IO.Compression;
using Strata.Content.Streams;

namespace Strata.Content.Compression;

/// <summary>
/// The content of gzip members that fill their source to its end. The framework's decoder takes an end in the middle of
/// a member, or other bytes after one, for an end of the content; here either is an <see cref="InvalidDataException"/>.
/// It is told by a member of our own behind the source's end: what it holds must be the last thing that comes out. What comes out
/// once bytes of it were taken is kept until that is known: behind a source that is cut off it would be nonsense.
/// </summary>
internal sealed class WholeGzipStream : ReadOnlyStream
{
    private const int PieceSize = 4096;

    private static readonly byte[] Mark = "strata: the end."u8.ToArray();
    private static readonly byte[] MarkMember = Compress(Mark);

    private readonly Followed _source;
    private readonly GZipStream _decoder;
    private ReadOnlyMemory<byte>? _last;

    public WholeGzipStream(Stream source)
    {
        _source = new Followed(source, MarkMember);
        _decoder = new GZipStream(_source, CompressionMode.Decompress);
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }
        if (_last is null)
        {
            var read = Decode(buffer);
            if (!_source.HasEnded)
            {
                return read > 0 ? read : throw Broken("The gzip data is followed by something else.", null);
            }
            _last = ReadLast(buffer[..read]);
        }
        var count = Math.Min(buffer.Length, _last.Value.Length);
        _last.Value.Span[..count].CopyTo(buffer);
        _last = _last.Value[count..];
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>What is left, without the mark: no more than comes of the mark's few bytes and what the decoder had not handed out.</summary>
    private byte[] ReadLast(ReadOnlySpan<byte> begun)
    {
        using var all = new MemoryStream();
        all.Write(begun);
        var piece = new byte[PieceSize];
        while (Decode(piece) is > 0 and var read)
        {
            all.Write(piece, 0, read);
        }
        var bytes = all.ToArray();
        return bytes.AsSpan().EndsWith(Mark) ? bytes[..^Mark.Length] : throw Broken("The gzip data has no end.", null);
    }

    private int Decode(Span<byte> buffer)
    {
        try
        {
            return _decoder.Read(buffer);
        }
        // Its words are about archives and methods of compression that nobody here has heard of.
        catch (InvalidDataException e)
        {
            throw Broken("The gzip data is damaged.", e);
        }
    }

    private InvalidDataException Broken(string problem, Exception? inner) =>
        new(_source.HasEnded ? "The gzip data is cut off: its end is missing." : problem, inner);

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

        /// <summary>The decoder has taken all of the first, and wanted more.</summary>
        public bool HasEnded { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            if (first.Read(buffer) is var read and > 0)
            {
                return read;
            }
            HasEnded = true;
            var count = Math.Min(buffer.Length, _then.Length);
            _then.Span[..count].CopyTo(buffer);
            _then = _then[count..];
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));
    }
}
