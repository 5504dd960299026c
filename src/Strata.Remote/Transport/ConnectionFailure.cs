namespace Strata.Remote.Transport;

/// <summary>What to say when there was no answer, one sentence each.</summary>
internal static class ConnectionFailure
{
    /// <summary>Whether the same request may well succeed a moment later.</summary>
    public static bool IsPassing(HttpRequestException e) => e.HttpRequestError is not
        (HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse);

    public static RegistryException Describe(RegistryRequest request, HttpRequestException e)
    {
        var (name, address) = (request.Registry.Name, request.Url.Authority);
        var where = name == address ? name : $"{name} ({address})";
        var (message, hint) = e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                ($"There is no host {request.Url.IdnHost}: its name cannot be resolved.", "is it spelled right, and is the network up?"),
            HttpRequestError.ConnectionError => ($"No connection to {where}: {Innermost(e)}.", "does a registry listen there?"),
            HttpRequestError.SecureConnectionError =>
                ($"No secure connection to {where}: {Innermost(e)}.", "serve it with a certificate that this machine trusts, or reach it on localhost, where plain HTTP is spoken too"),
            HttpRequestError.ProxyTunnelError => ($"The proxy lets nobody through to {where}: {Innermost(e)}.", null),
            HttpRequestError.InvalidResponse => ($"What answers at {where} does not speak HTTP as it should: {Innermost(e)}.", "is it a registry?"),
            _ => ($"{request.Display} failed: {Innermost(e)}.", (string?)null),
        };
        return new RegistryException(message, e) { Hint = hint };
    }

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }
        return e.Message.TrimEnd('.');
    }
}
