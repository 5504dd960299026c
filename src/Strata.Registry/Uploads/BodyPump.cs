using System.Buffers;
using System.Runtime.ExceptionServices;
using Strata.Content.Streams;
using Strata.Registry.Storage;

namespace Strata.Registry.Uploads;

/// <summary>Moves a request's body to a place, hashing it on the way.</summary>
internal static class BodyPump
{
    private const int BufferSize = 512 * 1024;

    /// <summary>
    /// Reads to the end, or until the client fails: then what came before is written all the same and the failure is returned, since bytes
    /// that arrived need not be sent again. Failures of the storage are thrown.
    /// </summary>
    public static async Task<ExceptionDispatchInfo?> RunAsync(Stream body, BlobAppender appender, ContentHasher hash, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                var (filled, failure) = await FillAsync(body, buffer, cancellationToken);
                if (filled > 0)
                {
                    hash.Append(buffer.AsSpan(0, filled));
                    await appender.WriteAsync(buffer.AsMemory(0, filled), CancellationToken.None);
                }
                if (failure is not null || filled < buffer.Length)
                {
                    return failure;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<(int Filled, ExceptionDispatchInfo? Failure)> FillAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        try
        {
            while (filled < buffer.Length)
            {
                var read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                if (read == 0)
                {
                    break;
                }
                filled += read;
            }
            return (filled, null);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return (filled, ExceptionDispatchInfo.Capture(e));
        }
    }
}
