using Strata.Content.Streams;

namespace Strata.Registry.Http;

/// <summary>A request's body that gives up when the client falls silent.</summary>
internal sealed class WatchedBody(Stream body, IdleWatch watch) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, watch.Token);
        watch.Touch();
        return read;
    }

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("A request's body is read asynchronously.");
}
