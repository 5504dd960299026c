using System.IO.Compression;
using System.Net;
using Strata.Content.Media;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Testing;
using static Strata.Remote.Tests.Scripted;

namespace Strata.Remote.Tests;

/// <summary>A layer of which half has come, and then nothing more.</summary>
public sealed class StalledDownloadTests
{
    [Fact]
    public async Task Unpacking_it_ends_at_once_when_it_is_cancelled()
    {
        using var folder = new TemporaryFolder();
        var tar = new byte[3_000_000];
        new Random(1).NextBytes(tar);
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(tar, Stop);
        }
        var layer = new Descriptor { MediaType = MediaTypes.OciLayerGzip, Digest = Digest.Of(packed.ToArray()), Size = packed.Length };
        var half = new HalfStream(packed.ToArray().AsMemory(0, (int)packed.Length / 2));
        var handler = new ScriptedHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(half) { Headers = { ContentLength = layer.Size } } });
        using var spool = new LayerSpool(Repository(handler), folder.Path);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var recoding = Task.Run(async () => await spool.RecodeAsync(layer, Digest.Of(tar), null, cancelling.Token), Stop);
        await half.Stalled.Task.WaitAsync(Stop);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => recoding.WaitAsync(TimeSpan.FromSeconds(20), Stop));
    }

    private sealed class HalfStream(ReadOnlyMemory<byte> half) : ReadOnlyStream
    {
        private int _position;

        public TaskCompletionSource Stalled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override int Read(Span<byte> buffer) => throw new NotSupportedException("Bodies are read asynchronously.");

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var rest = half[_position..];
            if (rest.IsEmpty)
            {
                Stalled.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            var count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
