using Strata.Content.Streams;
using Strata.Linux;

namespace Strata.Host.Images.Places;

/// <summary>What is written as it goes to where a person sends it. Its failures are told in their words; that the reader has left stays EPIPE.</summary>
/// <param name="inner">Disposed with this.</param>
/// <param name="destination">What the person would call it.</param>
public sealed class OutputStream(Stream inner, string destination) : WriteOnlyStream
{
    /// <summary>Disposing it closes nothing.</summary>
    public static OutputStream Standard => new(StandardStreams.Output, "the file that standard output goes to");

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (IOException e) when (e is not LinuxException { Errno: Errno.EPIPE })
        {
            throw OutputFailure.OfStream(destination, e);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException e) when (e is not LinuxException { Errno: Errno.EPIPE })
        {
            throw OutputFailure.OfStream(destination, e);
        }
    }

    public override void Flush() => inner.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
