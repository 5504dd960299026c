using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Strata.Oci;
using Strata.Registry.Access;
using Strata.Sqlite;

namespace Strata.Registry.Http;

/// <summary>The endpoints, by what they are about.</summary>
internal sealed record RegistryEndpoints(ManifestEndpoints Manifests, BlobEndpoints Blobs, UploadEndpoints Uploads, ListEndpoints Lists, TagHistoryEndpoints TagHistory);

/// <summary>Takes every request: what it names, whether it is let in, who answers it; and answers what went wrong.</summary>
internal sealed class RegistryHandler(RegistryEndpoints endpoints, BasicAuthentication? authentication, bool readOnly, ILogger logger)
{
    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    [SuppressMessage("Design", "CA1031", Justification = "The last place that can answer the client.")]
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (OperationCanceledException)
        {
            await OciErrorResponse.WriteAsync(context, OciErrorCode.BlobUploadInvalid, "Nothing was sent for too long; the request is given up.", StatusCodes.Status408RequestTimeout);
        }
        catch (BadHttpRequestException e)
        {
            await OciErrorResponse.WriteAsync(context, OciErrorCode.Unsupported, e.Message, e.StatusCode);
        }
        catch (Exception e)
        {
            logger.LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            var full = e is SqliteStoreException { Problem: SqliteProblem.Full } || (e is IOException && (e.HResult & 0xffff) is Linux.Errno.ENOSPC or Linux.Errno.EDQUOT) || e is Linux.LinuxException { Errno: Linux.Errno.ENOSPC or Linux.Errno.EDQUOT };
            await (full
                ? OciErrorResponse.WriteUnknownAsync(context, StatusCodes.Status507InsufficientStorage, "The registry's disk is full. Free some space and try again.")
                : OciErrorResponse.WriteUnknownAsync(context, StatusCodes.Status500InternalServerError, "The registry failed; its log says why."));
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        context.Response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        if (!RegistryPath.TryParse(request.Path.Value ?? "", out var path))
        {
            await OciErrorResponse.WriteAsync(context, OciErrorCode.Unsupported, $"{request.Path} is nothing this registry has.", StatusCodes.Status404NotFound);
            return;
        }
        var action = RegistryActions.Of(path.Resource, request.Method);
        if (await LetInAsync(context, action) is not { } actor)
        {
            return;
        }
        if (readOnly && RegistryActions.Changes(action))
        {
            await OciErrorResponse.WriteAsync(context, OciErrorCode.Unsupported, "This registry is read-only.");
            return;
        }
        if (path.Resource is RegistryResource.Base or RegistryResource.Catalog)
        {
            await ServeWholeAsync(context, path.Resource, actor);
            return;
        }
        if (!RepositoryName.TryParse(path.Name, out var repository))
        {
            await OciErrorResponse.WriteAsync(context, OciErrorCode.NameInvalid, $"'{path.Name}' is no repository name: it is lower case, letters, digits and single separators, at most {RepositoryName.MaxLength} characters.");
            return;
        }
        var call = new RegistryCall(context, repository, path.Argument, actor);
        await (path.Resource switch
        {
            RegistryResource.Manifest => endpoints.Manifests.HandleAsync(call),
            RegistryResource.Blob => endpoints.Blobs.HandleAsync(call),
            RegistryResource.Uploads => endpoints.Uploads.HandleCollectionAsync(call),
            RegistryResource.Upload => endpoints.Uploads.HandleSessionAsync(call),
            RegistryResource.Tags => endpoints.Lists.TagsAsync(call),
            RegistryResource.Referrers => endpoints.Lists.ReferrersAsync(call),
            RegistryResource.TagHistory => endpoints.TagHistory.HistoryAsync(call),
            _ => endpoints.TagHistory.RollbackAsync(call),
        });
    }

    private Task ServeWholeAsync(HttpContext context, RegistryResource resource, string actor)
    {
        var call = new RegistryCall(context, default, "", actor);
        if (!call.IsRead)
        {
            return call.MethodNotAllowedAsync("GET, HEAD");
        }
        return resource == RegistryResource.Base
            ? JsonResponse.WriteAsync(context, EmptyObject, JsonResponse.MediaType)
            : endpoints.Lists.CatalogAsync(context);
    }

    /// <summary>Who asks, "" where nobody has to say so; null when the answer was given.</summary>
    private async Task<string?> LetInAsync(HttpContext context, RegistryAction action)
    {
        if (authentication is null)
        {
            return "";
        }
        switch (await authentication.DecideAsync(context.Request.Headers.Authorization.ToString(), action, context.RequestAborted))
        {
            case AccessDecision.Granted granted:
                return granted.Actor;
            case AccessDecision.Overloaded:
                context.Response.Headers.RetryAfter = "1";
                await OciErrorResponse.WriteAsync(context, OciErrorCode.TooManyRequests, "Too many passwords are being checked at once; try again.");
                return null;
            default:
                context.Response.Headers.WWWAuthenticate = BasicAuthentication.Challenge;
                await OciErrorResponse.WriteAsync(context, OciErrorCode.Unauthorized);
                return null;
        }
    }
}
