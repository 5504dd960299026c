using System.Net;
using System.Net.Sockets;

namespace Strata.Remote.Authentication;

/// <summary>
/// Whether a registry may send the client, with its credentials, to a token server. A registry on the outside could otherwise
/// make every client's machine call what only that machine can reach.
/// </summary>
internal static class RealmRules
{
    public static bool IsAllowed(Uri realm, RegistryEndpoint registry)
    {
        if (realm.UserInfo.Length > 0)
        {
            return false;
        }
        if (realm.Scheme != Uri.UriSchemeHttps && !(realm.Scheme == Uri.UriSchemeHttp && registry.Base.Scheme == Uri.UriSchemeHttp))
        {
            return false;
        }
        return !IsInner(realm) || IsInner(registry.Base);
    }

    /// <summary>Whether a manifest, which anybody may have written, may send the client to a place that is no registry's.</summary>
    public static bool IsAllowedForLayers(Uri url) => url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && !IsInner(url);

    /// <summary>Loopback, private, link-local and unspecified addresses, and the name localhost.</summary>
    private static bool IsInner(Uri url)
    {
        if (url.IdnHost == "localhost" || url.IdnHost.EndsWith(".localhost", StringComparison.Ordinal))
        {
            return true;
        }
        if (!IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address))
        {
            return false;
        }
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return true;
        }
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal;
        }
        return address.GetAddressBytes() is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [169, 254, ..] or [0, ..];
    }
}
