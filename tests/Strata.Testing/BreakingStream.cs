using Strata.Content.Streams;

namespace Strata.Testing;

/// <summary>Gives the first bytes of <paramref name="content"/>, then fails as a connection that is cut does.</summary>
public sealed class BreakingStream(byte[] content, int breakAfter) : ReadOnlyStream
{
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        if (_position >= breakAfter)
        {
            throw new IOException("The connection was cut.");
        }
        var count = Math.Min(buffer.Length, breakAfter - _position);
        content.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
}
