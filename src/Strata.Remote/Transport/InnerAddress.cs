using System.Net;
using System.Net.Sockets;

namespace Strata.Remote.Transport;

/// <summary>What only this machine and its neighbours reach: loopback, private, link-local and unspecified addresses, and the name localhost.</summary>
internal static class InnerAddress
{
    /// <summary>Whether the URL says so itself; a name may still turn out to mean one.</summary>
    public static bool IsNamedBy(Uri url) =>
        url.IdnHost == "localhost" || url.IdnHost.EndsWith(".localhost", StringComparison.Ordinal)
        || (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) && Is(address));

    public static bool Is(IPAddress address)
    {
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
