using System.Net;
using System.Net.Sockets;

namespace Strata.Remote.Transport;

/// <summary>
/// Connects, and where a stranger sent the client looks first at what the name of that place means: the address that was looked at is the
/// one that is connected to, so that a name which means something else a moment later gains nothing. Through a proxy nothing is looked at:
/// it is the proxy that resolves the name.
/// </summary>
internal sealed class OutwardConnection(AddressRule rule, Func<string, CancellationToken, Task<IPAddress[]>> resolve, ReachedHosts reached)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await resolve(host, cancellationToken);
        var isDirect = IsDirect(context.InitialRequestMessage, host, port);
        if (isDirect && !MayLeadInside() && Array.Find(addresses, InnerAddress.Is) is { } inner)
        {
            throw new InnerAddressException(host, inner);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            if (isDirect)
            {
                reached.Add(host, ((IPEndPoint)socket.RemoteEndPoint!).Address);
            }
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A request for a tunnel is addressed to the proxy itself.
    private static bool IsDirect(HttpRequestMessage request, string host, int port) =>
        request.Method != HttpMethod.Connect && request.RequestUri is { } url && url.IdnHost == host && url.Port == port;

    private bool MayLeadInside() => rule switch
    {
        AddressRule.Any => true,
        AddressRule.OutwardUnlessInside unless => reached.IsInside(unless.Host),
        _ => false,
    };
}

/// <summary>A name that came from outside means an address that nobody outside reaches.</summary>
internal sealed class InnerAddressException(string host, IPAddress address)
    : IOException($"{(host == address.ToString() ? "it leads to" : $"{host} means")} {address}, which nobody but this machine and its neighbours may reach");
