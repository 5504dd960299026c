using System.Net;
using System.Net.Http.Headers;
using Strata.Content.Streams;
using Strata.Oci;
using Strata.Remote.Authentication;
using Strata.Remote.Retrying;

namespace Strata.Remote.Transfers;

/// <summary>Where the bytes of one blob are asked for, from any of them on.</summary>
internal sealed class BlobSource
{
    private readonly RepositoryAccess _access;
    private readonly Uri? _elsewhere;
    private EntityTagHeaderValue? _version;

    /// <param name="elsewhere">Null: the registry itself.</param>
    public BlobSource(RepositoryAccess access, Descriptor blob, Uri? elsewhere = null)
    {
        (_access, Blob, _elsewhere) = (access, blob, elsewhere);
        Retries = access.Retries($"the download of {blob.Digest.Short} from {access.Registry}/{access.Name}");
    }

    public Descriptor Blob { get; }

    /// <summary>Shared by all requests of one download.</summary>
    public RetryBudget Retries { get; }

    public string Registry => _access.Registry;

    public TimeSpan IdleTimeout => _access.Options.IdleTimeout;

    public IdleWatch Watch(CancellationToken cancellationToken) => _access.Watch(cancellationToken);

    /// <summary>Null when the registry does not have it. The answer may begin before <paramref name="offset"/>.</summary>
    public async Task<HttpResponseMessage?> RequestAsync(long offset, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await SendAsync(offset, cancellationToken);
        }
        catch (RegistryException e) when (offset > 0 && e.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            response = await SendAsync(0, cancellationToken);
        }
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            response.Dispose();
            return null;
        }
        if (response.StatusCode != HttpStatusCode.PartialContent && response.Content.Headers.ContentLength is { } length && length != Blob.Size)
        {
            var type = FetchedDocument.MediaTypeOf(response);
            response.Dispose();
            throw new RegistryException($"{Registry} wants to send {length:N0} bytes{(type == "text/html" ? " of a web page" : "")} for the blob {Blob.Digest}, which has {Blob.Size:N0}; they were refused.")
            {
                Hint = "the registry, or a proxy before it, delivers something else; try again later, or push the image anew",
            };
        }
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            CheckRange(response, offset);
        }
        // Without it a changed content would be joined to what came before; the digest would tell, but only at the end.
        _version ??= response.Headers.ETag is { IsWeak: false } strong ? strong : null;
        return response;
    }

    // RFC 9110, section 15.3.7: a part says which one it is, and that may be more than what was asked for.
    private void CheckRange(HttpResponseMessage response, long offset)
    {
        var range = response.Content.Headers.ContentRange;
        if (range is { From: { } from } && from <= offset && (range.Length ?? Blob.Size) == Blob.Size)
        {
            return;
        }
        response.Dispose();
        var sent = range is not { From: { } start } ? "a part without saying which" : start > offset ? $"those from {start:N0}" : $"a part of {range.Length:N0} bytes";
        throw new RegistryException($"{Registry} was asked for the bytes from {offset:N0} of {Blob.Digest}, which has {Blob.Size:N0}, and sent {sent}; they were refused.")
        {
            Hint = "the registry, or a proxy before it, delivers something else; try again later, or push the image anew",
        };
    }

    private Task<HttpResponseMessage> SendAsync(long offset, CancellationToken cancellationToken)
    {
        var sending = new RepositoryAccess.Sending
        {
            Retries = Retries,
            Prepare = request =>
            {
                if (offset > 0)
                {
                    request.Headers.Range = new RangeHeaderValue(offset, null);
                    request.Headers.IfRange = _version is null ? null : new RangeConditionHeaderValue(_version);
                }
            },
        };
        return _elsewhere is null
            ? _access.SendAsync(HttpMethod.Get, $"blobs/{Blob.Digest}", AccessScope.Pull(_access.Name), sending, cancellationToken)
            : _access.GetElsewhereAsync(_elsewhere, sending, cancellationToken);
    }
}
