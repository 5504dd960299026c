using Microsoft.AspNetCore.Http;
using Strata.Oci;

namespace Strata.Registry.Http;

/// <summary>Answers that say what went wrong, in the form of distribution-spec, "Error Codes".</summary>
internal static class OciErrorResponse
{
    public static Task WriteAsync(HttpContext context, OciErrorCode code, string? message = null, int? status = null)
    {
        var definition = OciErrors.Of(code);
        return WriteAsync(context, status ?? definition.HttpStatus, [new ErrorEntry(definition.Wire, message ?? definition.Message, null)]);
    }

    /// <summary>One error of the same code for each digest.</summary>
    public static Task WriteAsync(HttpContext context, OciErrorCode code, IReadOnlyList<Digest> digests)
    {
        const int Shown = 100;
        var definition = OciErrors.Of(code);
        return WriteAsync(
            context,
            definition.HttpStatus,
            [.. digests.Take(Shown).Select(d => new ErrorEntry(definition.Wire, $"{definition.Message}: {d}", new ErrorDetail(d.ToString())))]);
    }

    /// <summary>A failure the spec has no code for.</summary>
    public static Task WriteUnknownAsync(HttpContext context, int status, string message) =>
        WriteAsync(context, status, [new ErrorEntry("UNKNOWN", message, null)]);

    private static async Task WriteAsync(HttpContext context, int status, IReadOnlyList<ErrorEntry> errors)
    {
        if (context.Response.HasStarted)
        {
            // A status line is out already: only an aborted connection tells the client that the rest is missing.
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        await JsonResponse.WriteAsync(context, new ErrorBody(errors), RegistryJson.Shared.ErrorBody);
    }
}
