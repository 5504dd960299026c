using Strata.Content.Streams;

namespace Strata.Content.Compression;

/// <summary>What a decoder gives, up to a limit that depends on what it took. The source stays open.</summary>
/// <param name="decoder">Makes a decoder over the source it is given.</param>
/// <param name="source">The compressed data.</param>
/// <param name="limit">More is an <see cref="InvalidDataException"/>.</param>
internal sealed class InflatingStream(Func<Stream, Stream> decoder, Stream source, InflationLimit limit) : ReadOnlyStream
{
    private readonly Counted _source = new(source);
    private Stream? _decoder;
    private long _given;

    public override int Read(Span<byte> buffer)
    {
        _decoder ??= decoder(_source);
        var read = _decoder.Read(buffer);
        _given += read;
        return _given <= limit.Always || _given / limit.Ratio <= _source.Taken
            ? read
            : throw new InvalidDataException(
                $"The compressed data unpacks to more than {limit.Always:N0} bytes and {limit.Ratio} times its size; "
                + "it was made to fill a disk.");
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder?.Dispose();
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    private sealed class Counted(Stream source) : ReadOnlyStream
    {
        public long Taken { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var read = source.Read(buffer);
            Taken += read;
            return read;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));
    }
}
