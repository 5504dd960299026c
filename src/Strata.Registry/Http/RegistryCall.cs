using Microsoft.AspNetCore.Http;
using Strata.Oci;

namespace Strata.Registry.Http;

/// <summary>A request that was let in: whose it is, and of which repository it speaks.</summary>
internal readonly record struct RegistryCall(HttpContext Context, RepositoryName Repository, string Argument, string Actor)
{
    public HttpRequest Request => Context.Request;
    public HttpResponse Response => Context.Response;
    public CancellationToken Aborted => Context.RequestAborted;
    public bool IsRead => HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method);

    public string BlobUrl(Digest digest) => $"/v2/{Repository}/blobs/{digest}";
    public string ManifestUrl(Digest digest) => $"/v2/{Repository}/manifests/{digest}";

    public Task FailAsync(OciErrorCode code, string? message = null, int? status = null) => OciErrorResponse.WriteAsync(Context, code, message, status);

    /// <param name="allowed">As in the Allow header.</param>
    public Task MethodNotAllowedAsync(string allowed)
    {
        Response.Headers.Allow = allowed;
        return FailAsync(OciErrorCode.Unsupported, $"{Request.Method} is not supported here; use {allowed}.");
    }

    /// <summary>Whether the client has these bytes already; then 304 was answered.</summary>
    public bool AnsweredNotModified(Digest digest)
    {
        Response.Headers.ETag = $"\"{digest}\"";
        foreach (var value in Request.Headers.IfNoneMatch)
        {
            if (value is not null && (value == "*" || value.Contains(digest.ToString(), StringComparison.Ordinal)))
            {
                Response.StatusCode = StatusCodes.Status304NotModified;
                return true;
            }
        }
        return false;
    }
}
