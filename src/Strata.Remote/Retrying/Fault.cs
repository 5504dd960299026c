using System.Net;
using System.Net.Sockets;
using Strata.Remote.Transport;

namespace Strata.Remote.Retrying;

/// <summary>Why something did not work this time, and how often it may be tried because of that.</summary>
/// <param name="Reason">A phrase for people.</param>
/// <param name="Tries">In all; 1 where another try cannot help.</param>
/// <param name="FirstPause">Before the second try; it doubles with each.</param>
/// <param name="Asked">The wait that the server asked for.</param>
internal sealed record Fault(string Reason, int Tries, TimeSpan FirstPause, TimeSpan? Asked = null)
{
    private const int Often = 5;
    private const int Few = 3;
    private const int Twice = 2;
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1.5);

    /// <summary>The connection broke, or the answer ended too early.</summary>
    public static Fault Cut(string reason) => new(reason, Often, Short);

    public static Fault Silent(TimeSpan limit) => new($"nothing moved for {limit.TotalSeconds:0} seconds", Twice, Short);

    /// <summary>Null for an answer that will be the same a moment later.</summary>
    public static Fault? Of(HttpResponseMessage response, DateTimeOffset now) =>
        response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError
            or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            ? new Fault($"answered with {(int)response.StatusCode}", Often, Short, AskedBy(response, now))
            : null;

    public static Fault Of(HttpRequestException e, Uri url) => e switch
    {
        AnswerTimeoutException silent => Silent(silent.Limit),
        { HttpRequestError: HttpRequestError.NameResolutionError } when Socket(e) is SocketError.TryAgain => new("its name could not be resolved yet", Few, Long),
        { HttpRequestError: HttpRequestError.ConnectionError } when e.InnerException is TimeoutException => new("no connection in time", Twice, Short),
        { InnerException: InnerAddressException refused } => new(refused.Message, 1, Short),
        // Here there is no network that heals: what does not listen is not there, or begins again in a moment.
        { HttpRequestError: HttpRequestError.ConnectionError } => new(ConnectionFailure.Innermost(e), Few, RegistryEndpoint.IsLoopback(url.Authority) ? Moment : Long),
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
            or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse
        } => new(ConnectionFailure.Innermost(e), 1, Short),
        _ => Cut(ConnectionFailure.Innermost(e)),
    };

    private static SocketError? Socket(Exception e) => e.GetBaseException() is SocketException socket ? socket.SocketErrorCode : null;

    private static TimeSpan? AskedBy(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - now is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}
