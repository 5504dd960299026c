using Microsoft.AspNetCore.Http;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Registry.Storage;

namespace Strata.Registry.Http;

/// <summary><c>/v2/&lt;name&gt;/blobs/&lt;digest&gt;</c> (end-2, end-10).</summary>
internal sealed class BlobEndpoints(RegistryStorage storage, RegistryLimits limits, TimeProvider time)
{
    private const int PieceSize = 256 * 1024;

    public Task HandleAsync(RegistryCall call)
    {
        if (call.IsRead)
        {
            return GetAsync(call);
        }
        return HttpMethods.IsDelete(call.Request.Method) ? DeleteAsync(call) : call.MethodNotAllowedAsync("GET, HEAD, DELETE");
    }

    private async Task GetAsync(RegistryCall call)
    {
        if (!Digest.TryParse(call.Argument, out var digest)
            || await storage.Metadata.FindBlobAsync(call.Repository, digest, call.Aborted) is not { } blob)
        {
            await call.FailAsync(OciErrorCode.BlobUnknown);
            return;
        }
        var headers = call.Response.Headers;
        headers["Docker-Content-Digest"] = digest.ToString();
        headers.AcceptRanges = "bytes";
        if (call.AnsweredNotModified(digest))
        {
            return;
        }
        var range = ByteRange.Of(call.Request, digest, blob.Size);
        if (range.Unsatisfiable)
        {
            headers.ContentRange = $"bytes */{blob.Size}";
            await call.FailAsync(OciErrorCode.RangeInvalid, $"The blob has {blob.Size} bytes; nothing of the range '{call.Request.Headers.Range}' is in it.");
            return;
        }
        call.Response.ContentType = MediaTypes.OctetStream;
        call.Response.ContentLength = range.Length;
        if (range.Partial)
        {
            call.Response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = $"bytes {range.First}-{range.First + range.Length - 1}/{blob.Size}";
        }
        if (HttpMethods.IsGet(call.Request.Method))
        {
            await SendAsync(call, blob, range);
        }
    }

    private async Task SendAsync(RegistryCall call, BlobLocation blob, ByteRange range)
    {
        await using var reader = await storage.Bytes.OpenAsync(blob.Place, call.Aborted);
        if (reader.Length != blob.Size)
        {
            throw new BlobBytesLostException($"The bytes of {call.Argument} at {blob.Place} are {reader.Length:N0}, not {blob.Size:N0}.");
        }
        var output = call.Response.BodyWriter;
        using var watch = new IdleWatch(limits.IdleTimeout, time, call.Aborted);
        var (offset, left) = (range.First, range.Length);
        while (left > 0)
        {
            var piece = (int)Math.Min(left, PieceSize);
            var read = await reader.ReadAsync(output.GetMemory(piece)[..piece], offset, call.Aborted);
            if (read == 0)
            {
                throw new BlobBytesLostException($"The bytes of {call.Argument} at {blob.Place} end at {offset:N0}.");
            }
            output.Advance(read);
            (offset, left) = (offset + read, left - read);
            await output.FlushAsync(watch.Token);
            watch.Touch();
        }
    }

    private async Task DeleteAsync(RegistryCall call)
    {
        if (!Digest.TryParse(call.Argument, out var digest))
        {
            await call.FailAsync(OciErrorCode.DigestInvalid, $"'{call.Argument}' is no digest.");
            return;
        }
        if (!await storage.Metadata.DeleteBlobAsync(call.Repository, digest, call.Aborted))
        {
            await call.FailAsync(OciErrorCode.BlobUnknown);
            return;
        }
        storage.RingForSweep();
        call.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
