using System.Collections.Concurrent;
using System.Globalization;
using Strata.Content.Compression;
using Strata.Content.Media;
using Strata.Host.Images;
using Strata.Host.Images.Places;
using Strata.Oci;
using Strata.Remote.Retrying;
using Strata.Testing;

namespace Strata.Host.Tests.Images;

/// <summary>A copy to a registry that breaks an upload off.</summary>
public sealed class BrokenUploadTests : HostTest
{
    private int _uploads;

    protected override TimeProvider Time { get; } = new HastyTime(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_goes_on_after_a_break_and_tells_so(bool compressedAnew)
    {
        var image = RandomImage.Create(1, layerSize: 100_000);
        await image.WriteAsync(OciLayout.Create(Place("start")), Tag.Parse("v1"), Stop);
        await using var server = new RawHttpServer(AnswerAsync);
        var seen = new Seen();
        var request = new CopyRequest
        {
            From = ImagePlace.Parse($"oci:{Place("start")}:v1"),
            To = ImagePlace.Parse($"docker://{server.Authority}/app:v1"),
            Form = compressedAnew ? new LayerForm(LayerCompression.Zstd, 1) : null,
        };
        var copied = await Host.Copy.RunAsync(request, seen, Stop);
        Assert.Equal(!compressedAnew, copied.Digest == image.Manifest.Digest);
        Assert.Contains(server.Requests, line => line.StartsWith("PUT /v2/app/manifests/", StringComparison.Ordinal));
        Assert.Contains(seen.Notices, notice => notice.Line.Contains("try 2 of", StringComparison.Ordinal));
    }

    private async Task AnswerAsync(RawRequest request, Stream connection, CancellationToken stop)
    {
        if (request.Headers.TryGetValue("Content-Length", out var length))
        {
            await connection.ReadExactlyAsync(new byte[int.Parse(length, CultureInfo.InvariantCulture)], stop);
        }
        var isUpload = request.Method == "PUT" && request.Path.StartsWith("/up/", StringComparison.Ordinal);
        var (status, header) = request.Method switch
        {
            "POST" => ("202 Accepted", "Location: /up/1"),
            "PUT" when isUpload && Interlocked.Increment(ref _uploads) == 1 => ("503 Service Unavailable", "X: x"),
            "PUT" => ("201 Created", "X: x"),
            _ => (request.Path == "/v2/" ? "200 OK" : "404 Not Found", "X: x"),
        };
        await RawHttpServer.AnswerAsync(connection, status, default, header);
    }

    private sealed class Seen : IProgress<TransferEvent>, IProgress<RetryNotice>
    {
        public ConcurrentQueue<RetryNotice> Notices { get; } = new();

        public void Report(TransferEvent value)
        {
        }

        public void Report(RetryNotice value) => Notices.Enqueue(value);
    }
}
