using System.Net;
using System.Runtime.ExceptionServices;
using Strata.Content.Streams;

namespace Strata.Remote.Transfers;

/// <summary>
/// The last <paramref name="length"/> bytes of a blob on their way up. What goes wrong on the source's side is kept, since the framework
/// reports it as a failure of the request.
/// </summary>
internal sealed class UploadContent(Stream source, long length, IdleWatch watch) : HttpContent
{
    private const int PieceSize = 256 * 1024;

    // Registries may copy a large blob to its place before they answer.
    private const int FinishingPatience = 10;

    public IdleWatch Watch => watch;

    public ExceptionDispatchInfo? SourceFailure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var piece = new byte[PieceSize];
        while (await ReadAsync(piece, cancellationToken) is var read and > 0)
        {
            await stream.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            watch.Touch();
        }
        watch.Touch(FinishingPatience);
    }

    private async ValueTask<int> ReadAsync(byte[] piece, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(piece, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SourceFailure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    protected override bool TryComputeLength(out long bytes)
    {
        bytes = length;
        return true;
    }
}
