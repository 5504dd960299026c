namespace Strata.Remote.Transport;

/// <summary>A request was sent, and nothing came back for <see cref="Limit"/>.</summary>
internal sealed class AnswerTimeoutException(TimeSpan limit)
    : HttpRequestException(HttpRequestError.Unknown, $"there was no answer for {limit.TotalSeconds:0} seconds")
{
    public TimeSpan Limit => limit;
}
