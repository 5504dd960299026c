using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Strata.Registry.Http;

/// <summary>JSON answers, whole and with their length, so that HEAD says what GET would.</summary>
internal static class JsonResponse
{
    public const string MediaType = "application/json";

    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type), MediaType);

    public static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> content, string mediaType)
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = content.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.BodyWriter.WriteAsync(content, context.RequestAborted).AsTask();
    }
}
