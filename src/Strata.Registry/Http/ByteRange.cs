using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Strata.Oci;

namespace Strata.Registry.Http;

/// <summary>The part of a blob that a GET asks for (RFC 9110, section 14). Several ranges at once are answered with the whole, as one may.</summary>
internal readonly record struct ByteRange(long First, long Length, bool Partial, bool Unsatisfiable)
{
    public static ByteRange Of(HttpRequest request, Digest digest, long size)
    {
        var whole = new ByteRange(0, size, Partial: false, Unsatisfiable: false);
        if (!HttpMethods.IsGet(request.Method)
            || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header)
            || !header.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            || header.Ranges.Count != 1
            || (request.Headers.IfRange.Count > 0 && request.Headers.IfRange != $"\"{digest}\""))
        {
            return whole;
        }
        return Clip(header.Ranges.First(), size) is var (first, length)
            ? new ByteRange(first, length, Partial: true, Unsatisfiable: false)
            : whole with { Unsatisfiable = true };
    }

    private static (long First, long Length)? Clip(RangeItemHeaderValue item, long size)
    {
        if (item.From is { } from)
        {
            return from < size ? (from, Math.Min(item.To ?? long.MaxValue, size - 1) - from + 1) : null;
        }
        // "-n": the last n bytes.
        return item.To is { } suffix and > 0 && size > 0 ? (Math.Max(0, size - suffix), Math.Min(suffix, size)) : null;
    }
}
