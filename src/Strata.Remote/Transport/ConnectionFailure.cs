namespace Strata.Remote.Transport;

/// <summary>What to say when there was no answer, one sentence each.</summary>
internal static class ConnectionFailure
{
    public static RegistryException Describe(RegistryRequest request, HttpRequestException e, int tries)
    {
        var (name, address) = (request.Registry.Name, request.Url.Authority);
        var where = name == address ? name : $"{name} ({address})";
        var often = tries > 1 ? $" (tried {tries} times)" : "";
        if (e.InnerException is InnerAddressException inner)
        {
            return new RegistryException($"{request.Display} is not sent: {inner.Message}.", e);
        }
        var (message, hint) = e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                ($"There is no host {request.Url.IdnHost}: its name cannot be resolved{often}.", "is it spelled right, and is the network up?"),
            HttpRequestError.ConnectionError => ($"No connection to {where}: {Innermost(e)}{often}.", RegistryEndpoint.IsLoopback(request.Url.Authority)
                    ? "does a registry listen there? `strata registry serve --data DIR` starts one"
                    : "does a registry listen there?"),
            HttpRequestError.SecureConnectionError => ($"No secure connection to {where}: {Innermost(e)}.",
                $"if its certificate is signed by an authority of your own, put that as ca.crt in /etc/containers/certs.d/{name}/; --tls-verify=false asks for no certificate at all"),
            HttpRequestError.ProxyTunnelError => ($"The proxy lets nobody through to {where}: {Innermost(e)}.", "HTTPS_PROXY names the proxy; NO_PROXY lists the hosts to reach without it"),
            HttpRequestError.InvalidResponse => ($"What answers at {where} does not speak HTTP as it should: {Innermost(e)}.", "is it a registry?"),
            _ => ($"{request.Display} failed{often}: {Innermost(e)}.", (string?)null),
        };
        return new RegistryException(message, e) { Hint = hint };
    }

    public static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }
        return e.Message.TrimEnd('.');
    }
}
