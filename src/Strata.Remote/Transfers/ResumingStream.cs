using System.Buffers;
using Strata.Content.Streams;
using Strata.Remote.Transport;

namespace Strata.Remote.Transfers;

/// <summary>
/// The body of a blob of <paramref name="size"/> bytes. When the connection is cut, or nothing arrives for a while, it is asked
/// for again from the byte where it stopped; only a stretch without any progress uses up the attempts.
/// </summary>
/// <param name="open">Asks for the blob from an offset; null when the registry does not have it any more.</param>
internal sealed class ResumingStream(Func<long, CancellationToken, Task<HttpResponseMessage?>> open, HttpResponseMessage first, long size, Func<CancellationToken, IdleWatch> watch)
    : ReadOnlyStream
{
    private const int MaxAttempts = 4;

    private HttpResponseMessage? _response = first;
    private Stream? _body;
    private long _position;
    private int _failures;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var read = await ReadOnceAsync(buffer, cancellationToken);
                if (read > 0 || _position >= size || buffer.IsEmpty)
                {
                    _position += read;
                    _failures = read > 0 ? 0 : _failures;
                    return read;
                }
                Failed(null);
            }
            catch (Exception e) when (e is IOException and not RegistryException or HttpRequestException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                if (_position == size)
                {
                    // All is there; how the connection ended is of no interest any more.
                    return 0;
                }
                Failed(e);
            }
        }
    }

    // For decoders that read synchronously on a thread of their own.
    public override int Read(Span<byte> buffer)
    {
        var copy = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var read = ReadAsync(copy.AsMemory(0, buffer.Length)).AsTask().GetAwaiter().GetResult();
            copy.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_response is null)
        {
            _response = await open(_position, cancellationToken) ?? throw new RegistryException("The registry lost the blob while it was being read.");
            _body = null;
            await SkipKnownAsync(cancellationToken);
        }
        using var idle = watch(cancellationToken);
        _body ??= await _response.Content.ReadAsStreamAsync(idle.Token);
        return await _body.ReadAsync(buffer, idle.Token);
    }

    // A registry may ignore the range and begin anew.
    private async Task SkipKnownAsync(CancellationToken cancellationToken)
    {
        var start = _response!.StatusCode == System.Net.HttpStatusCode.PartialContent ? _response.Content.Headers.ContentRange?.From ?? 0 : 0;
        if (start > _position)
        {
            throw new RegistryException($"The registry was asked for the bytes from {_position} and sent those from {start}.");
        }
        _body = await _response.Content.ReadAsStreamAsync(cancellationToken);
        var known = new byte[64 * 1024];
        for (var left = _position - start; left > 0;)
        {
            using var idle = watch(cancellationToken);
            var read = await _body.ReadAsync(known.AsMemory(0, (int)Math.Min(left, known.Length)), idle.Token);
            if (read == 0)
            {
                throw new IOException("The connection was cut.");
            }
            left -= read;
        }
    }

    private void Failed(Exception? cause)
    {
        _response?.Dispose();
        (_response, _body) = (null, null);
        if (++_failures == MaxAttempts)
        {
            throw new RegistryException(
                $"The blob broke off after {_position:N0} of {size:N0} bytes, and {MaxAttempts - 1} attempts to go on from there failed{(cause is null ? "" : $": {cause.Message.TrimEnd('.')}")}.", cause);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _response?.Dispose();
        }
        base.Dispose(disposing);
    }
}
