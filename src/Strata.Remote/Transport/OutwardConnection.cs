using System.Net;
using System.Net.Sockets;

namespace Strata.Remote.Transport;

/// <summary>
/// Connects to where a stranger sent the client, after looking at what the name of that place means: the address that was looked at is the
/// one that is connected to, so that a name which means something else a moment later gains nothing. Through a proxy nothing is looked at:
/// it is the proxy that resolves the name.
/// </summary>
internal sealed class OutwardConnection(AddressRule rule, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await resolve(host, cancellationToken);
        var isDirect = context.InitialRequestMessage.RequestUri is { } url && url.IdnHost == host && url.Port == port;
        if (isDirect && Array.Find(addresses, InnerAddress.Is) is { } inner && !await IsInsideAsync(cancellationToken))
        {
            throw new InnerAddressException(host, inner);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<bool> IsInsideAsync(CancellationToken cancellationToken) =>
        rule is AddressRule.OutwardUnlessInside unless && Array.Exists(await resolve(unless.Host, cancellationToken), InnerAddress.Is);
}

/// <summary>A name that came from outside means an address that nobody outside reaches.</summary>
internal sealed class InnerAddressException(string host, IPAddress address)
    : IOException($"{(host == address.ToString() ? "it leads to" : $"{host} means")} {address}, which nobody but this machine and its neighbours may reach");
