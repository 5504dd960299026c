using System.Net;

namespace Strata.Remote.Transport;

/// <summary>
/// The proxy that the environment names, but never for this machine itself: nobody means that by HTTPS_PROXY, and other clients
/// go there directly too.
/// </summary>
internal sealed class LoopbackDirectProxy(IWebProxy environment) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => environment.Credentials;
        set => environment.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => RegistryEndpoint.IsLoopback(destination.Authority) ? null : environment.GetProxy(destination);

    public bool IsBypassed(Uri host) => RegistryEndpoint.IsLoopback(host.Authority) || environment.IsBypassed(host);
}
