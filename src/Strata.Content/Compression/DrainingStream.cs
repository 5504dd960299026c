using Strata.Content.Streams;

namespace Strata.Content.Compression;

/// <summary>
/// A decoder over its source, both of which it owns. A decoder stops at the end of its format; the source is then read to its own
/// end, where a verifying source does its check.
/// </summary>
internal sealed class DrainingStream(Stream decoder, Stream source) : ReadOnlyStream
{
    private bool _drained;

    public override int Read(Span<byte> buffer)
    {
        var read = Decode(buffer);
        if (read == 0 && !buffer.IsEmpty && !_drained)
        {
            Span<byte> rest = stackalloc byte[4096];
            while (source.Read(rest) > 0)
            {
            }
            _drained = true;
        }
        return read;
    }

    private int Decode(Span<byte> buffer)
    {
        try
        {
            return decoder.Read(buffer);
        }
        catch (ZstdSharp.ZstdException e)
        {
            throw new InvalidDataException("The zstd data of the layer is broken.", e);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The compressed data of the layer ends early.", e);
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
