using System.Buffers;
using System.Net;
using Strata.Content.Streams;
using Strata.Remote.Retrying;
using Strata.Remote.Transport;

namespace Strata.Remote.Transfers;

/// <summary>
/// The body of a blob. When the connection is cut, or nothing arrives for a while, it is asked for again from the byte where it
/// stopped; only a stretch without progress uses up the tries.
/// </summary>
/// <param name="source">Where it is asked for again.</param>
/// <param name="first">The answer, whose body begins with the blob.</param>
/// <param name="opening">Of whoever opened the blob: it ends reads that have no token of their own.</param>
internal sealed class ResumingStream(BlobSource source, HttpResponseMessage first, CancellationToken opening) : ReadOnlyStream
{
    // A server that gives a few bytes and cuts, again and again, makes no progress to speak of.
    private const int ProgressSize = 16 * 1024;

    private readonly long _size = source.Blob.Size;
    private HttpResponseMessage? _response = first;
    private Stream? _body;
    private (IdleWatch Watch, CancellationToken Caller)? _idle;
    private long _position;
    private long _failedAt;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Fault fault;
            Exception? cause = null;
            try
            {
                var read = await ReadOnceAsync(buffer, cancellationToken);
                if (read > 0 || _position >= _size || buffer.IsEmpty)
                {
                    Advance(read);
                    return read;
                }
                fault = Fault.Cut($"it ended after {_position:N0} bytes");
            }
            catch (Exception e) when (e is IOException and not RegistryException or HttpRequestException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                if (_position == _size)
                {
                    // All is there; how the connection ended is of no interest any more.
                    return 0;
                }
                (fault, cause) = (e is OperationCanceledException ? Fault.Silent(source.IdleTimeout) : Fault.Cut($"it was cut after {_position:N0} bytes"), e);
            }
            Drop();
            _failedAt = _position;
            if (!await source.Retries.WaitAsync(fault, cancellationToken))
            {
                throw new RegistryException(
                    $"The blob {source.Blob.Digest.Short} of {source.Registry} broke off after {_position:N0} of {_size:N0} bytes, and {source.Retries.Failures - 1} attempts to go on from there failed"
                    + $"{(cause is null ? "" : $": {ConnectionFailure.Innermost(cause)}")}.", cause)
                {
                    Hint = "try again later; if it always ends there, the registry has only a part of it",
                };
            }
        }
    }

    // For decoders that read synchronously on a thread of their own, for which whoever cancels has to wait.
    public override int Read(Span<byte> buffer)
    {
        var copy = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var read = ReadAsync(copy.AsMemory(0, buffer.Length), opening).AsTask().GetAwaiter().GetResult();
            copy.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private void Advance(int read)
    {
        _position += read;
        if (_position - _failedAt >= ProgressSize)
        {
            source.Retries.Progressed();
        }
    }

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_response is null)
        {
            _response = await source.RequestAsync(_position, cancellationToken)
                ?? throw new RegistryException($"{source.Registry} lost the blob {source.Blob.Digest.Short} while it was being read.");
            _body = null;
            await SkipKnownAsync(cancellationToken);
        }
        var idle = Watch(cancellationToken);
        _body ??= await _response.Content.ReadAsStreamAsync(idle.Token);
        return await _body.ReadAsync(buffer, idle.Token);
    }

    // A registry may ignore the range, or have other bytes by now, and begin anew.
    private async Task SkipKnownAsync(CancellationToken cancellationToken)
    {
        var start = _response!.StatusCode == HttpStatusCode.PartialContent ? _response.Content.Headers.ContentRange?.From ?? 0 : 0;
        _body = await _response.Content.ReadAsStreamAsync(cancellationToken);
        var known = new byte[64 * 1024];
        for (var left = _position - start; left > 0;)
        {
            var read = await _body.ReadAsync(known.AsMemory(0, (int)Math.Min(left, known.Length)), Watch(cancellationToken).Token);
            if (read == 0)
            {
                throw new IOException("The connection was cut.");
            }
            left -= read;
        }
    }

    /// <summary>Counts from now: time in which nobody reads is not the registry's.</summary>
    private IdleWatch Watch(CancellationToken cancellationToken)
    {
        if (_idle is var (watch, caller) && caller == cancellationToken && !watch.HasExpired)
        {
            watch.Touch();
            return watch;
        }
        _idle?.Watch.Dispose();
        watch = source.Watch(cancellationToken);
        _idle = (watch, cancellationToken);
        return watch;
    }

    private void Drop()
    {
        _response?.Dispose();
        _idle?.Watch.Dispose();
        (_response, _body, _idle) = (null, null, null);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Drop();
        }
        base.Dispose(disposing);
    }
}
