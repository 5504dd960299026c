using System.Collections.Concurrent;
using System.Net;

namespace Strata.Remote.Transport;

/// <summary>
/// Which hosts were found at addresses that only this machine and its neighbours reach. That is judged by the connections there were:
/// what a name means when it is asked once more, a stranger's name server may say otherwise each time.
/// </summary>
internal sealed class ReachedHosts
{
    private readonly ConcurrentDictionary<string, bool> _inside = new();

    public void Add(string host, IPAddress address)
    {
        var isInner = InnerAddress.Is(address);
        // A host that was once outside stays so: it may have more than one kind of address just to be taken for a neighbour.
        _inside.AddOrUpdate(host, isInner, (_, before) => before && isInner);
    }

    /// <summary>False too for a host that was not connected to, or only through a proxy.</summary>
    public bool IsInside(string host) => _inside.GetValueOrDefault(host);
}
