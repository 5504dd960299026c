using System.Net;
using System.Text.Json;
using Strata.Content.Streams;
using Strata.Oci;

namespace Strata.Remote.Transport;

/// <summary>Makes the exception of an answer that is no success. Of the body, only the errors of the specification are shown.</summary>
internal static class RefusedRequest
{
    private const int MaxBody = 64 * 1024;
    private const int MaxMessage = 300;
    private const int MaxErrors = 5;

    // The status is enough; nobody waits long for the reasons.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<RegistryException> ReadAsync(
        RegistryRequest request, HttpResponseMessage response, RegistryClientOptions options, CancellationToken cancellationToken)
    {
        var errors = await ReadErrorsAsync(response, options.Time, cancellationToken);
        var codes = errors.Select(e => OciErrors.FromWire(e.Code)).OfType<OciErrorCode>().ToList();
        var reasons = string.Join("; ", errors.Take(MaxErrors).Select(Describe));
        var status = $"{(int)response.StatusCode} {Clean(response.ReasonPhrase ?? "")}".TrimEnd();
        var message = $"{request.Display} was answered with {status}{(reasons.Length > 0 ? $" ({reasons})" : "")}.";
        return new RegistryException(message) { Hint = Hint(request, response, codes), Status = response.StatusCode };
    }

    private static async Task<IReadOnlyList<ErrorEntry>> ReadErrorsAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new IdleWatch(Patience, time, cancellationToken);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(patience.Token);
            var raw = await BoundedStream.ReadAllAsync(body, MaxBody, "The answer", patience.Token);
            return [.. (JsonSerializer.Deserialize(raw, RemoteJson.Default.ErrorsDocument)?.Errors ?? []).OfType<ErrorEntry>()];
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // A proxy's page, or nothing that can be read: the status has to do.
            return [];
        }
    }

    private static string Describe(ErrorEntry error) => (Clean(error.Code ?? ""), Clean(error.Message ?? "")) switch
    {
        (var code, "") => code,
        ("", var message) => message,
        var (code, message) => $"{code}: {message}",
    };

    // What a registry says goes to terminals.
    private static string Clean(string text)
    {
        var clean = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return clean.Length > MaxMessage ? clean[..MaxMessage] + "…" : clean;
    }

    private static string? Hint(RegistryRequest request, HttpResponseMessage response, List<OciErrorCode> codes)
    {
        var registry = request.Registry.Name;
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when response.RequestMessage?.RequestUri is { } place && !request.Registry.IsOriginOf(place) =>
                $"it was {place.Authority} that refused, where {registry} sends its clients; credentials go to the registry alone",
            HttpStatusCode.Unauthorized => $"log in first, or again: strata login {registry}",
            HttpStatusCode.Forbidden => $"does the repository exist, and may this account use it so? Log in with another: strata login {registry}",
            HttpStatusCode.TooManyRequests => $"{registry} limits how much may be fetched; {Wait(response)}, or log in: strata login {registry}",
            HttpStatusCode.BadRequest when request.Registry.Base.Scheme == Uri.UriSchemeHttp && codes.Count == 0 => "the registry may want HTTPS",
            HttpStatusCode.RequestEntityTooLarge => "a proxy in front of the registry limits the size of uploads",
            _ => null,
        };
    }

    private static string Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => $"it asks to wait {delta.TotalSeconds:0} seconds",
        { Date: { } date } => $"it asks to wait until {date:u}",
        _ => "wait",
    };
}
