using System.Collections.Concurrent;
using System.Net;

namespace Strata.Remote.Tests;

/// <summary>A registry as a function: each request is answered by the script, and kept for looking at afterwards.</summary>
internal sealed class ScriptedHandler(Func<HttpRequestMessage, Task<HttpResponseMessage>> script) : HttpMessageHandler
{
    public ScriptedHandler(Func<HttpRequestMessage, HttpResponseMessage> script)
        : this(request => Task.FromResult(script(request)))
    {
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Enqueue($"{request.Method} {request.RequestUri!.AbsoluteUri} {request.Headers.Authorization}".TrimEnd());
        cancellationToken.ThrowIfCancellationRequested();
        var response = await script(request).WaitAsync(cancellationToken);
        response.RequestMessage = request;
        return response;
    }

    public static HttpResponseMessage Answer(HttpStatusCode status, string body = "", params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
            {
                response.Content.Headers.Remove(name);
            }
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return response;
    }

    public static HttpResponseMessage Bytes(HttpStatusCode status, Stream content)
    {
        return new HttpResponseMessage(status) { Content = new StreamContent(content) };
    }
}
