using System.Net;
using System.Net.Sockets;

namespace Strata.Remote.Transport;

/// <summary>
/// What only this machine and its neighbours reach: the addresses that IANA's special-purpose registries (RFC 6890) keep from the internet,
/// and the name localhost.
/// </summary>
internal static class InnerAddress
{
    /// <summary>Whether the URL says so itself; a name may still turn out to mean one.</summary>
    public static bool IsNamedBy(Uri url) =>
        url.IdnHost == "localhost" || url.IdnHost.EndsWith(".localhost", StringComparison.Ordinal)
        || (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) && Is(address));

    public static bool Is(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (address.IsIPv4MappedToIPv6 || IsTranslated(bytes))
        {
            return IsInner4(bytes.AsSpan(12));
        }
        return address.AddressFamily == AddressFamily.InterNetwork
            ? IsInner4(bytes)
            : IPAddress.IsLoopback(address) || address.Equals(IPAddress.IPv6Any)
                || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal || address.IsIPv6Multicast;
    }

    // 64:ff9b::/96 (RFC 6052). Where there is only IPv6, all of IPv4 is reached so: what is behind it counts.
    private static bool IsTranslated(ReadOnlySpan<byte> address) => address is [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, _, _, _, _];

    // From 224 on: multicast, what is reserved, and broadcast. 100.64.0.0/10 is the carriers' own, and some clouds' metadata are there.
    private static bool IsInner4(ReadOnlySpan<byte> address) => address is [0 or 10 or 127 or >= 224, ..]
        or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [169, 254, ..]
        or [100, >= 64 and <= 127, ..] or [192, 0, 0, ..] or [198, 18 or 19, ..];
}
