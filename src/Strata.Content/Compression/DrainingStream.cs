using Strata.Content.Streams;

namespace Strata.Content.Compression;

/// <summary>
/// A decoder over its source, both of which it owns. A decoder stops at the end of its format, or where that is broken; the source
/// is then read to its own end, where a verifying source does its check, so that a damaged transfer is called that.
/// </summary>
internal sealed class DrainingStream(Stream decoder, Stream source) : ReadOnlyStream
{
    private bool _drained;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = decoder.Read(buffer);
            if (read == 0 && !buffer.IsEmpty)
            {
                Drain();
            }
            return read;
        }
        catch (Exception e) when (e is ZstdSharp.ZstdException or EndOfStreamException or InvalidDataException)
        {
            Drain();
            throw e as InvalidDataException ?? new InvalidDataException(
                e is EndOfStreamException ? "The zstd data is cut off: its end is missing." : "The zstd data is damaged.", e);
        }
    }

    private void Drain()
    {
        Span<byte> rest = stackalloc byte[4096];
        while (!_drained)
        {
            _drained = source.Read(rest) == 0;
        }
    }

    // Read only by the thread that reads ahead.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            decoder.Dispose();
            source.Dispose();
        }
        base.Dispose(disposing);
    }
}
