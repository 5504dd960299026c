using System.Text;

namespace Strata.Runtime;

/// <summary>The files that say where a container is on the network: made for each, shown in it, never part of a layer.</summary>
public static class NetworkFiles
{
    private const string LocalNames =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

    /// <param name="network">In the machine's network the machine's own files hold.</param>
    /// <param name="hostname">Its name; it resolves to itself.</param>
    /// <param name="hostResolver">The machine's /etc/resolv.conf.</param>
    /// <param name="hostNames">The machine's /etc/hosts.</param>
    /// <param name="extraHosts">--add-host: name and address.</param>
    public static IReadOnlyList<ContainerMount> For(
        NetworkMode network,
        string hostname,
        ReadOnlyMemory<byte> hostResolver,
        ReadOnlyMemory<byte> hostNames,
        IReadOnlyList<(string Name, string Address)> extraHosts)
    {
        ArgumentNullException.ThrowIfNull(hostname);
        ArgumentNullException.ThrowIfNull(extraHosts);
        var names = new StringBuilder();
        foreach (var (name, address) in extraHosts)
        {
            names.Append(address).Append('\t').Append(name).Append('\n');
        }

        names.Append(network == NetworkMode.Host && hostNames.Length > 0 ? Encoding.UTF8.GetString(hostNames.Span) : LocalNames);
        if (names[^1] != '\n')
        {
            names.Append('\n');
        }

        names.Append("127.0.0.1\t").Append(hostname).Append('\n');
        return
        [
            new ContentMount { Target = "/etc/resolv.conf", Content = hostResolver },
            new ContentMount { Target = "/etc/hosts", Content = Encoding.UTF8.GetBytes(names.ToString()) },
            new ContentMount { Target = "/etc/hostname", Content = Encoding.UTF8.GetBytes(hostname + "\n") },
        ];
    }
}
