using Strata.Content.Streams;

namespace Strata.Testing;

/// <summary>Gives the bytes of <paramref name="content"/> up to <paramref name="breakAt"/>, then fails as a connection that is cut does.</summary>
public sealed class BreakingStream(byte[] content, int breakAt, int from = 0) : ReadOnlyStream
{
    private int _position = from;

    public override int Read(Span<byte> buffer)
    {
        if (_position == content.Length)
        {
            return 0;
        }
        if (_position >= breakAt)
        {
            throw new IOException("The connection was cut.");
        }
        var count = Math.Min(buffer.Length, breakAt - _position);
        content.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
}
