using System.Globalization;
using System.Net;
using System.Text;

namespace Strata.Fuzz.Targets;

/// <summary>
/// A registry that answers whatever an input says: answers divided by a line "%%", each a status, header lines, an empty line, a body.
/// Once they are used up it has nothing. It watches what it is asked.
/// </summary>
internal sealed class AnswerScript(IReadOnlyList<string> answers, string registry) : HttpMessageHandler
{
    // Of each answer a client may make something to ask, and not much more.
    private const int RequestsForAnAnswer = 4;
    private const int RequestsAtTheEnd = 40;
    private int _next;

    public static IReadOnlyList<string> Split(byte[] input) => Encoding.Latin1.GetString(input).Split("\n%%\n");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Check(request);
        var number = _next++;
        if (number > (answers.Count * RequestsForAnAnswer) + RequestsAtTheEnd)
        {
            throw new InvalidOperationException($"{number} requests, and there were {answers.Count} answers.");
        }
        return AnswerAsync(request, number < answers.Count ? answers[number] : "404");
    }

    private static async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, string text)
    {
        if (request.Content is not null)
        {
            await request.Content.CopyToAsync(Stream.Null);
        }
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = (end < 0 ? text : text[..end]).Split('\n');
        var status = int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? Math.Clamp(given, 200, 599) : 200;
        var body = end < 0 ? [] : Encoding.Latin1.GetBytes(text[(end + 2)..]);
        var response = new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request, Content = new StreamContent(new MemoryStream(body)) };
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..].Trim());
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return response;
    }

    /// <summary>Nothing goes over an open line, and what proves who the client is goes to its own registry alone.</summary>
    private void Check(HttpRequestMessage request)
    {
        var url = request.RequestUri!;
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            throw new InvalidOperationException($"{request.Method} {url} leaves https.");
        }
        var isElsewhere = !string.Equals(url.IdnHost, registry, StringComparison.OrdinalIgnoreCase) || !url.IsDefaultPort;
        if (isElsewhere && request.Headers.Authorization is { Scheme: not "Basic" } authorization)
        {
            throw new InvalidOperationException($"{request.Method} {url} carries {authorization}.");
        }
        if (isElsewhere && request.Headers.Authorization is not null && !Remote.Authentication.RealmRules.IsAllowedForLayers(url))
        {
            throw new InvalidOperationException($"{request.Method} {url} carries a password to an inner place.");
        }
    }
}
